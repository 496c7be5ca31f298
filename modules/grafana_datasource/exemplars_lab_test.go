// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Links from exemplars join the user's own, and only they are removed again.
func TestLinksFromExemplars(t *testing.T) {
	theirs := map[string]any{"name": "traceID", "datasourceUid": "jaeger"}
	ours := map[string]any{"name": "traceID", "datasourceUid": "tempo"}
	cases := map[string]struct {
		reason     string
		have, want []any
		changes    bool
	}{
		"none":      {"ours is the first", nil, []any{ours}, true},
		"another's": {"the other one is kept", []any{theirs}, []any{theirs, ours}, true},
		"as wanted": {"there is nothing to do, and it is not recorded as ours", []any{ours}, []any{ours}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			uid := testkit.Name("metrics")
			settings := map[string]any{"httpMethod": "POST"}
			if test.have != nil {
				settings["exemplarTraceIdDestinations"] = test.have
			}
			status, _ := l.api("POST", "/api/datasources", map[string]any{"name": uid, "uid": uid, "type": "prometheus", "access": "proxy", "url": "http://theirs", "jsonData": settings})
			require.Equal(t, 200, status)
			before := l.plain(uid)
			task := l.task(map[string]any{"uid": uid, "prometheus": map[string]any{"exemplars": []any{map[string]any{"datasource_uid": "tempo"}}}})
			gone := l.task(map[string]any{"uid": uid, "prometheus": map[string]any{"exemplars": []any{map[string]any{"state": "absent"}}}})
			if !test.changes {
				testkit.Unchanged(t, task.Apply(t))
				testkit.Unchanged(t, gone.Apply(t))
				require.Equal(t, before, l.plain(uid), test.reason)
				return
			}
			testkit.FourRuns(t, task)
			require.Equal(t, test.want, l.settings(uid)["exemplarTraceIdDestinations"], test.reason)
			testkit.FourRuns(t, gone)
			require.Equal(t, before, l.plain(uid), "restored")
		})
	}
}
