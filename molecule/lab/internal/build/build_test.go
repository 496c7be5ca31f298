// SPDX-License-Identifier: AGPL-3.0-or-later

package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

func TestFreshFollowsTheInputs(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(t *testing.T, b Builder, dir string)
		fresh  bool
	}{
		"untouched":      {reason: "nothing changed", change: func(*testing.T, Builder, string) {}, fresh: true},
		"source changed": {reason: "different content", change: write("main.go", "package main\n\nfunc main() { println() }\n")},
		"source touched": {reason: "the same content with a new time gives the same program", change: write("main.go", source), fresh: true},
		"source added":   {reason: "a new file may change the program", change: write("more.go", "package main\n")},
		"test added":     {reason: "tests are not part of the program", change: write("main_test.go", "package main\n"), fresh: true},
		"page added":     {reason: "Markdown is not part of the program", change: write("README.md", "x\n"), fresh: true},
		"module changed": {reason: "a dependency may change the program", change: write("go.mod", "module example.org/other\n\ngo 1.26.0\n")},
		"test data":      {reason: "only tests read it", change: write("testdata/x.yaml", "a: 1\n"), fresh: true},
		"program gone": {reason: "nothing to run", change: func(t *testing.T, b Builder, _ string) {
			require.NoError(t, os.Remove(b.Folder.Bin("tiny")))
		}},
		"stamp damaged": {reason: "it is unknown what was built", change: func(t *testing.T, b Builder, _ string) {
			require.NoError(t, os.WriteFile(b.Folder.Bin("tiny.stamp"), []byte("{"), 0o600))
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			builder, program := tiny(t)
			_, err := builder.Make(t.Context(), program)
			require.NoError(t, err)
			c.change(t, builder, program.Dir)
			_, fresh, err := builder.Fresh(program)
			require.NoError(t, err)
			require.Equal(t, c.fresh, fresh, c.reason)
		})
	}
}

func TestFreshFollowsTheToolchain(t *testing.T) {
	builder, program := tiny(t)
	_, err := builder.Make(t.Context(), program)
	require.NoError(t, err)
	builder.Version = "go9.99"
	_, fresh, err := builder.Fresh(program)
	require.NoError(t, err)
	require.False(t, fresh)
}

func TestMakeTellsWhatIsWrong(t *testing.T) {
	builder, program := tiny(t)
	write("main.go", "package main\n\nfunc main() { nothing() }\n")(t, builder, program.Dir)
	_, err := builder.Make(t.Context(), program)
	require.ErrorContains(t, err, "build tiny: exit status 1")
	require.ErrorContains(t, err, "undefined: nothing")
	require.NoFileExists(t, builder.Folder.Bin("tiny"))
}

func TestCheck(t *testing.T) {
	require.NoError(t, check("go1.26"))
	require.NoError(t, check("go1.27.1"))
	require.NoError(t, check("devel go1.28-abcdef"))
	require.EqualError(t, check("go1.24.9"), "check the version of Go: the lab needs go1.26 or newer, this is go1.24.9")
}

const source = "package main\n\nfunc main() {}\n"

func tiny(t *testing.T) (Builder, Program) {
	place := folder.Folder{State: t.TempDir()}
	require.NoError(t, place.Make())
	path, version, err := FindGo(t.Context())
	require.NoError(t, err)
	builder := Builder{Folder: place, Go: path, Version: version}
	dir := t.TempDir()
	write("go.mod", "module example.org/tiny\n\ngo 1.26.0\n")(t, builder, dir)
	write("main.go", source)(t, builder, dir)
	return builder, Program{Name: "tiny", Dir: dir, Package: ".", Inputs: []string{dir}}
}

func write(name, text string) func(*testing.T, Builder, string) {
	return func(t *testing.T, _ Builder, dir string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}
