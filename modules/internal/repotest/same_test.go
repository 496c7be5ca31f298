// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireGenerated holds a generated file against what is generated. It shows the
// first lines that differ: both files whole would be pages.
func requireGenerated(t *testing.T, name, want string) {
	t.Helper()
	if at, wanted, found := firstDifference(want, string(read(t, name))); at > 0 {
		require.Failf(t, name+" is not what is generated; run: make docs", "line %d\n  generated: %s\n  on disk:   %s", at, wanted, found)
	}
}

// firstDifference is the number of the first line that differs, from 1 on; 0 for
// equal texts.
func firstDifference(want, found string) (line int, wanted, actual string) {
	if want == found {
		return 0, "", ""
	}
	one, other := strings.Split(want, "\n"), strings.Split(found, "\n")
	for i := range max(len(one), len(other)) {
		wanted, actual = lineAt(one, i), lineAt(other, i)
		if wanted != actual {
			return i + 1, wanted, actual
		}
	}
	return len(one), "", ""
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

func TestFirstDifference(t *testing.T) {
	line, wanted, actual := firstDifference("a\nb\nc", "a\nx\nc")
	require.Equal(t, []any{2, "b", "x"}, []any{line, wanted, actual})
	line, wanted, actual = firstDifference("a\nb", "a")
	require.Equal(t, []any{2, "b", "(the end)"}, []any{line, wanted, actual})
	line, _, _ = firstDifference("a", "a")
	require.Zero(t, line)
}
