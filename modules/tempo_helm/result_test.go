// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReturnedValues(t *testing.T) {
	text := func(length int) map[string]any {
		return map[string]any{"overrides": strings.Repeat("x", length), "apiToken": "S3CRET-CANARY-token"}
	}
	cases := map[string]struct {
		reason string
		values map[string]any
		wanted string
		keys   []string
	}{
		"none":             {"before the first install", nil, returnAuto, []string{"release_values", "values"}},
		"usual":            {"a typical size", text(1000), returnAuto, []string{"release_values", "values"}},
		"large":            {"nobody reads a megabyte", text(1 << 20), returnAuto, []string{"release_values_left_out"}},
		"just too large":   {"twice this and the rest make 16 KiB", text(6 << 10), returnAuto, []string{"release_values_left_out"}},
		"large, asked for": {"the playbook uses them", text(1 << 20), returnAlways, []string{"release_values", "values"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			result := returnedValues(test.values, test.wanted)
			for _, key := range test.keys {
				require.Contains(t, result, key, test.reason)
			}
			require.Len(t, result, len(test.keys))
			encoded, err := json.Marshal(result)
			require.NoError(t, err)
			require.NotContains(t, string(encoded), "S3CRET-CANARY")
			require.True(t, test.wanted == returnAlways || len(encoded) <= 12<<10+50, "%d bytes", len(encoded))
		})
	}
}

// What is left out can be compared with that of another run, secrets aside.
func TestDigestOfValues(t *testing.T) {
	left := func(overrides string) any {
		return returnedValues(map[string]any{"overrides": strings.Repeat(overrides, 1<<13)}, returnAuto)["release_values_left_out"]
	}
	first, again := left("x"), left("x")
	require.Equal(t, first, again)
	require.NotEqual(t, left("x"), left("y"))
}
