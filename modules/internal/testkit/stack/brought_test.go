// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBrought(t *testing.T) {
	cases := map[string]struct{ reason, variable, value, name, want string }{
		"nothing":        {"it means the lab's own", "LAB_TEMPO", "", "tempo", ""},
		"a path":         {"a program", "LAB_TEMPO", "/opt/tempo", "tempo", "/opt/tempo"},
		"several":        {"the first one is used", "LAB_TEMPO", "1.5.0=/opt/old,2.10.8=/opt/new", "tempo", "/opt/old"},
		"an equals sign": {"a path may contain it", "LAB_TEMPO", "/opt/a=b/tempo", "tempo", "/opt/a=b/tempo"},
		"stand-in":       {"the lab's program has another name", "LAB_LOKI", "/opt/loki", "labloki", "/opt/loki"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAB_TEMPO", "")
			t.Setenv("LAB_LOKI", "")
			t.Setenv(c.variable, c.value)
			require.Equal(t, c.want, brought(c.name), c.reason)
		})
	}
}

func TestVersionOfAProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loki")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho 'loki, version 3.7.8 (branch: main)'\n"), 0o700))
	t.Setenv("LAB_LOKI", path)
	require.Equal(t, "3.7.8", versionOf(t, "labloki"))
}

func TestBroughtAsAVersion(t *testing.T) {
	t.Setenv("LAB_TEMPO", "1.5.0=/opt/old,2.10.8=/opt/new")
	require.Equal(t, "/opt/new", broughtAs("2.10.8"))
	require.Empty(t, broughtAs("3.0.3"))
	t.Setenv("LAB_TEMPO", "/opt/tempo")
	require.Empty(t, broughtAs("2.10.8"), "the version is unknown")
}

func TestGeneration(t *testing.T) {
	says := func(script string) string {
		path := filepath.Join(t.TempDir(), "tempo")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
		return path
	}
	for name, test := range map[string]struct {
		reason, setting string
		want            int64
	}{
		"nothing":     {"the lab's stand-in is 1.5.0", "", 1},
		"a program":   {"it says so itself", says("echo 'tempo, version 2.10.8 (branch: HEAD)'"), 2},
		"an old one":  {"1.5.0 does not know the flag", says("echo 'flag provided but not defined: -version' >&2; exit 2"), 1},
		"as a person": {"the first of several is used", "3.0.3=/opt/tempo,1.5.0=/opt/old", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAB_TEMPO", test.setting)
			require.Equal(t, test.want, generation(t), test.reason)
		})
	}
}
