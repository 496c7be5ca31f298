// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeadersAreNumberedInAStableOrder(t *testing.T) {
	headers := map[string]string{"X-B": "b", "X-A": "a", "Authorization": "c"}
	for range 20 {
		require.Equal(t, map[string]any{"httpHeaderName1": "Authorization", "httpHeaderName2": "X-A", "httpHeaderName3": "X-B"}, HeaderNames(headers, nil))
	}
	existing := map[string]any{"httpHeaderName1": "X-Theirs", "httpHeaderName2": "x-b"}
	require.Equal(t, map[string]any{"httpHeaderName2": "X-B", "httpHeaderName3": "Authorization", "httpHeaderName4": "X-A"}, HeaderNames(headers, existing),
		"who has a number keeps it, and foreign headers stay")
}

// TestHeadersOfTheSameName: Grafana's page lets a header stand twice, and stops at the
// first number that is missing.
func TestHeadersOfTheSameName(t *testing.T) {
	tests := map[string]struct {
		reason       string
		have         map[string]any
		names        map[string]any
		secretsAmong []string
	}{
		"twice": {"the value is set under both, whichever Grafana uses", map[string]any{"httpHeaderName1": "X-Scope-OrgID", "httpHeaderName2": "x-scope-orgid"},
			map[string]any{"httpHeaderName1": "X-Scope-OrgID", "httpHeaderName2": "X-Scope-OrgID"}, []string{"httpHeaderValue1", "httpHeaderValue2"}},
		"a gap": {"Grafana would not reach number 4", map[string]any{"httpHeaderName1": "A", "httpHeaderName3": "B"},
			map[string]any{"httpHeaderName2": "X-Scope-OrgID"}, []string{"httpHeaderValue2"}},
		"none": {"numbering begins at 1", nil, map[string]any{"httpHeaderName1": "X-Scope-OrgID"}, []string{"httpHeaderValue1"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			headers := map[string]string{"X-Scope-OrgID": "a"}
			names := HeaderNames(headers, tc.have)
			require.Equal(t, tc.names, names, tc.reason)
			values := HeaderValues(headers, Merge(tc.have, names))
			require.Len(t, values, len(tc.secretsAmong), tc.reason)
			for _, key := range tc.secretsAmong {
				require.Equal(t, "a", values[key], tc.reason)
			}
		})
	}
}
