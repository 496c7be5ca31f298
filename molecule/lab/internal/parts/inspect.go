// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// inspect checks a program and asks for its version. One that is alone in an image must not need shared libraries.
func inspect(ctx context.Context, path string, row row) (Program, error) {
	if path == "" {
		return Program{}, errors.New("a path is missing")
	}
	if !filepath.IsAbs(path) { // the tests run in other folders
		return Program{}, fmt.Errorf("%q: give the whole path, from / on", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Program{}, err
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return Program{}, fmt.Errorf("%s is no program", path)
	}
	if row.pod && dynamic(path) {
		return Program{}, fmt.Errorf("%s needs shared libraries, and would not start in an image of its own: bring one that is linked statically", path)
	}
	version, err := versionOf(ctx, path, row)
	return Program{Path: path, Version: version}, err
}

// errNoVersion is why a program without a known version is refused: charts and images are chosen by it.
var errNoVersion = errors.New("it tells no version")

func versionOf(ctx context.Context, path string, row row) (string, error) {
	within, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	text, err := exec.CommandContext(within, path, strings.Fields(row.ask)...).CombinedOutput()
	found := regexp.MustCompile(row.is).FindSubmatch(text)
	switch {
	case found == nil && len(text) == 0 && err != nil:
		return "", fmt.Errorf("%s %s: %w", path, row.ask, err)
	case found == nil:
		first, _, _ := strings.Cut(string(text), "\n")
		return "", fmt.Errorf("%s is not %s: with %s it prints %.100q", path, row.name, row.ask, first)
	case len(found[1]) == 0:
		return "", fmt.Errorf("%s %s: %w", path, row.ask, errNoVersion)
	}
	return string(found[1]), nil
}

// dynamic says whether a program is dynamically linked. A script is not.
func dynamic(path string) bool {
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // it was only read
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			return true
		}
	}
	return false
}

// home checks a home folder of Grafana: its program is bin/grafana, which runs on this machine.
func home(ctx context.Context, row row, folder string) ([]Program, error) {
	program, err := inspect(ctx, filepath.Join(folder, "bin", "grafana"), row)
	if err != nil {
		return nil, err
	}
	program.Path = filepath.Dir(filepath.Dir(program.Path))
	return []Program{program}, nil
}
