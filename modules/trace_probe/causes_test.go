// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// page is the table for people, which is next to the role.
const page = "../../roles/verify/CAUSES.md"

// The page is rewritten with UPDATE=1.
func TestCausesPageIsGenerated(t *testing.T) {
	var out strings.Builder
	out.WriteString("# What loses a trace\n\nWhere the role `verify` fails it names the hop, and what was seen there. This is the table that it looks in.\n\n" +
		"| Hop | What is seen | Likely cause | What to look at | Known from |\n|---|---|---|---|---|\n")
	for _, cause := range causes {
		hop := cmp.Or(titles[cause.Hop], "any "+string(cause.Hop))
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", hop, cause.Symptom, cause.Text, strings.Join(cause.Look, "; "), cause.Source)
	}
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile(page, []byte(out.String()), 0o644)) //nolint:gosec // a page for people
	}
	have, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, out.String(), string(have), "run: UPDATE=1 go test ./modules/trace_probe")
}
