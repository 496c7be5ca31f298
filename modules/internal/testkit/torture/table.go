// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"
)

// table is what each request of a suite led to under each fault.
type table struct {
	name string
	mu   sync.Mutex
	rows []string
	// cells hold, by row and fault, each outcome that occurred.
	cells map[[2]string][]outcome
}

func newTable(name string) *table { return &table{name: name, cells: map[[2]string][]outcome{}} }

func (t *table) note(at point, fault string, came outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := at.server + ": " + at.request
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	cell := [2]string{row, fault}
	if !slices.Contains(t.cells[cell], came) {
		t.cells[cell] = append(t.cells[cell], came)
		slices.Sort(t.cells[cell])
	}
}

// unbroken are the rows whose request no case has broken.
func (t *table) unbroken() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.rows), func(row string) bool {
		return slices.ContainsFunc(faults, func(broken fault) bool {
			return slices.ContainsFunc(t.cells[[2]string{row, broken.name}], func(came outcome) bool { return came != notAsked })
		})
	})
}

// text has a line for each request and a column for each fault.
func (t *table) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out strings.Builder
	lines := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	head := t.name
	for _, fault := range faults {
		head += "\t" + fault.name
	}
	_, _ = fmt.Fprintln(lines, head)
	for _, row := range t.rows {
		line := row
		for _, fault := range faults {
			var words []string
			for _, came := range t.cells[[2]string{row, fault.name}] {
				words = append(words, string(came))
			}
			line += "\t" + strings.Join(words, ",")
		}
		_, _ = fmt.Fprintln(lines, line)
	}
	_ = lines.Flush()
	return out.String()
}

// write prints the table, and appends it to the file that TORTURE_TABLE names.
func (t *table) write(tb testing.TB) {
	tb.Helper()
	tb.Logf("\n%s", t.text())
	path := os.Getenv("TORTURE_TABLE")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // a table for whoever runs the tests
	require.NoError(tb, err)
	_, err = file.WriteString(t.text() + "\n")
	require.NoError(tb, errors.Join(err, file.Close()))
}
