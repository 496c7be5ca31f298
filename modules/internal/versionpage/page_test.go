// SPDX-License-Identifier: AGPL-3.0-or-later

package versionpage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/versionpage"
)

// The page says what the modules decide by: make docs regenerates it.
func TestVersionsPageIsGenerated(t *testing.T) {
	made, err := versionpage.Render()
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "versions.md"))
	require.NoError(t, err)
	require.Equal(t, string(made), string(page), "run make docs")
}

// Every row of a table has as many cells as its header.
func TestTablesAreEven(t *testing.T) {
	made, err := versionpage.Render()
	require.NoError(t, err)
	cells := 0
	for _, line := range strings.Split(string(made), "\n") {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		if cells > 0 {
			require.Equal(t, cells, strings.Count(line, "|"), line)
		}
		cells = strings.Count(line, "|")
	}
	require.Contains(t, string(made), "| 3.0 | 2027-02-28 |")
	require.Contains(t, string(made), "| `vParquet4` | 2.5.0 and newer |")
}
