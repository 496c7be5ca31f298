// SPDX-License-Identifier: AGPL-3.0-or-later

// Probe stands in for tracing-modules in the transport's tests: it takes the
// same call ("-" or a file of arguments) and returns what it received. The
// option "behave" selects what it does beyond that.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	request, err := read(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(2)
	}
	behave, _ := request["behave"].(string)
	switch behave {
	case "die":
		fmt.Fprintln(os.Stderr, "panic: the request was", request)
		os.Exit(3)
	case "noise":
		fmt.Println("a line before the result")
	case "progress":
		fmt.Fprintln(os.Stderr, "progress: 2 of 5 pods are ready")
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer(request, behave)); err != nil {
		os.Exit(4)
	}
	if behave == "fail" {
		os.Exit(1)
	}
}

func read(argv []string) (map[string]any, error) {
	if len(argv) != 2 {
		return nil, fmt.Errorf("want one argument, got %d", len(argv)-1)
	}
	in := io.Reader(os.Stdin)
	if argv[1] != "-" {
		file, err := os.Open(argv[1])
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	}
	var request map[string]any
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	rest, err := io.ReadAll(io.MultiReader(decoder.Buffered(), in))
	if err == nil && string(rest) != "\n" && len(rest) > 0 {
		err = fmt.Errorf("%d bytes after the request", len(rest))
	}
	return request, err
}

func answer(request map[string]any, behave string) map[string]any {
	program, err := os.Executable()
	if err != nil {
		program = err.Error()
	}
	options, internal := split(request)
	result := map[string]any{
		"changed":           false,
		"options":           options,
		"internal":          internal,
		"characters":        characters(options["chart"]),
		"program":           program,
		"argv":              os.Args,
		"uid":               os.Getuid(),
		"setting":           os.Getenv("PROBE_SETTING"),
		"warnings":          []string{"a warning of the program"},
		"_ansible_internal": "must not come through",
	}
	if behave == "fail" {
		result["failed"] = true
		result["msg"] = "asked to fail"
	}
	return result
}

// split separates the task's options from Ansible's own keys, which Ansible
// would drop from a result on their way back.
func split(request map[string]any) (options, internal map[string]any) {
	options, internal = map[string]any{}, map[string]any{}
	for key, value := range request {
		if name, own := strings.CutPrefix(key, "_ansible_"); own {
			internal[name] = value
			continue
		}
		options[key] = value
	}
	return options, internal
}

// characters is the length of a text; a controller that hides secrets cannot
// hide that.
func characters(value any) int {
	text, _ := value.(string)
	return len([]rune(text))
}
