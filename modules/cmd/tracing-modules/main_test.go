// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary behave as the program, so that the real
// process is tested without building it.
const asProgram = "TRACING_MODULES_TEST_IS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start runs the program under a name and returns its result and whether it
// exited with 0.
func start(t *testing.T, name, stdin string, args ...string) (map[string]any, bool) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self, args...)
	command.Args[0] = name
	command.Env = append(os.Environ(), asProgram+"=1")
	command.Stdin = strings.NewReader(stdin)
	out, runErr := command.Output()
	var result map[string]any
	require.NoError(t, json.Unmarshal(out, &result), "one JSON object on standard output, got %q", out)
	require.Equal(t, 1, strings.Count(string(out), "\n"), "one line")
	return result, runErr == nil
}

const missingOptions = `{"_ansible_module_name":"picluster.tracing.minio_tempo_bucket","bukcet":"hunter2"}`

func TestProgramSelectsTheModule(t *testing.T) {
	file := filepath.Join(t.TempDir(), "args")
	require.NoError(t, os.WriteFile(file, []byte(`{"bukcet":"b"}`), 0o600))
	cases := map[string]struct {
		reason, name, stdin string
		args                []string
		want                string
	}{
		"by its key, on stdin":     {"the caching transport", "tracing-modules", missingOptions, []string{"-"}, "unknown option bukcet (did you mean bucket?)"},
		"by its name, from a file": {"the plain binary module", "AnsiballZ_minio_tempo_bucket", "", []string{file}, "unknown option bukcet (did you mean bucket?)"},
		"unknown":                  {"the error lists the modules", "tracing-modules", `{"_ansible_module_name":"a.b.c"}`, []string{"-"}, `there is no module "c"; this program has `},
		"not JSON":                 {"the input is never quoted", "tracing-modules", `hunter2`, []string{"-"}, "read the arguments: they are not one JSON object"},
		"no argument":              {"a usage line", "tracing-modules", "", nil, "usage: tracing-modules ARGS_FILE, or - for standard input"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			result, ok := start(t, test.name, test.stdin, test.args...)
			require.False(t, ok, "a failed result means a failed process")
			require.Equal(t, true, result["failed"])
			require.Contains(t, result["msg"], test.want, test.reason)
			require.NotContains(t, result["msg"], "hunter2")
		})
	}
}

// The packages that are initialized allocate 8 MiB, over which Go would collect
// garbage three times.
func TestStartupRunsNoGarbageCollection(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self, "-")
	command.Env = []string{asProgram + "=1", "GODEBUG=gctrace=1"}
	command.Stdin = strings.NewReader(missingOptions)
	var log strings.Builder
	command.Stderr = &log
	require.Error(t, command.Run(), "its options are wrong")
	require.NotContains(t, log.String(), "gc 1 ", "package firstgc is initialized too late")
}
