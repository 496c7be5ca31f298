// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

// brought is the program that a user provides in place of one of the lab's, or
// "": a path in the variable LAB_TEMPO or LAB_LOKI, or a list of VERSION=PATH, of
// which this is the first.
func brought(name string) string {
	first, _, _ := strings.Cut(os.Getenv("LAB_"+strings.ToUpper(strings.TrimPrefix(name, "lab"))), ",")
	if version, path, several := strings.Cut(first, "="); several && !strings.Contains(version, "/") {
		return path
	}
	return first
}

// broughtAs is the program that a user provides for one version as VERSION=PATH
// in LAB_TEMPO, or "".
func broughtAs(version string) string {
	for one := range strings.SplitSeq(os.Getenv("LAB_TEMPO"), ",") {
		if of, path, _ := strings.Cut(one, "="); of == version {
			return path
		}
	}
	return ""
}

// generation is the major version of the Tempo that runs: as LAB_TEMPO says, or as
// the program does. A Tempo that does not know -version is of the first.
func generation(t *testing.T) int64 {
	t.Helper()
	if brought("tempo") == "" {
		return 1
	}
	if version, _, told := strings.Cut(os.Getenv("LAB_TEMPO"), "="); told && !strings.Contains(version, "/") {
		return compat.Major(version)
	}
	text, _ := exec.CommandContext(t.Context(), program(t, "tempo"), "-version").CombinedOutput() // it fails where the flag is unknown
	found := versionPattern.FindSubmatch(text)
	if found == nil {
		return 1
	}
	return compat.Major(string(found[1]))
}

// Needs skips a test of versions of Tempo that a user who provides some does
// not provide; the lab's stand-in can be any of them.
func Needs(t *testing.T, versions ...string) {
	t.Helper()
	for _, version := range versions {
		if os.Getenv("LAB_TEMPO") != "" && broughtAs(version) == "" {
			t.Skipf("LAB_TEMPO names no Tempo as %s=PATH", version)
		}
	}
}

// versionPattern finds the version in what Grafana's programs print with -version.
var versionPattern = regexp.MustCompile(`version v?(\d+\.\d+\.\d+)`)

// versionOf asks a program for its version.
func versionOf(t *testing.T, name string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), program(t, name), "-version").CombinedOutput()
	require.NoError(t, err, "%s", text)
	found := versionPattern.FindSubmatch(text)
	require.Len(t, found, 2, "%s", text)
	return string(found[1])
}
