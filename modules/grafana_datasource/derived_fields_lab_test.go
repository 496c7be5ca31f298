// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

func theirs(matcher, uid string) map[string]any {
	return map[string]any{"name": "TraceID", "matcherRegex": matcher, "datasourceUid": uid, "url": "${__value.raw}"}
}

// TestDerivedFieldsOfTheSameNameAreRestored tries what users have under the name
// in Grafana's documentation, by each way into Grafana.
func TestDerivedFieldsOfTheSameNameAreRestored(t *testing.T) {
	ours := theirs(`"request_X-B3-Traceid":"(\w+)"`, "tempo")
	tests := map[string]struct {
		reason     string
		have, want []any
		changes    bool
	}{
		"two of one name":        {"both stay", []any{theirs(`traceID=(\w+)`, "x"), theirs(`"trace_id":"(\w+)"`, "x")}, []any{theirs(`traceID=(\w+)`, "x"), theirs(`"trace_id":"(\w+)"`, "x"), ours}, true},
		"one of the name":        {"it is kept", []any{theirs(`traceID=(\w+)`, "x")}, []any{theirs(`traceID=(\w+)`, "x"), ours}, true},
		"the same twice":         {"the second one is kept", []any{theirs(ours["matcherRegex"].(string), "x"), theirs(ours["matcherRegex"].(string), "x")}, []any{ours, theirs(ours["matcherRegex"].(string), "x")}, true},
		"with a link of its own": {"links to the traces as long as the task asks for it", []any{theirs(ours["matcherRegex"].(string), "x")}, []any{ours}, true},
		"as wanted":              {"there is nothing to do", []any{ours}, []any{ours}, false},
	}
	for name, tc := range tests {
		for _, way := range []string{"api", "configmap"} {
			t.Run(name+" by "+way, func(t *testing.T) {
				l := newLab(t)
				task, uid := l.fileTask(loki)
				task = task.With(map[string]any{"via": way, "ds_url": nil})
				status, _ := l.api("POST", "/api/datasources", map[string]any{"name": uid, "uid": uid, "type": "loki", "access": "proxy", "url": "http://theirs",
					"jsonData": map[string]any{"maxLines": 500, "derivedFields": tc.have}})
				require.Equal(t, 200, status)
				if tc.changes || way == "configmap" {
					testkit.FourRuns(t, task)
				} else {
					testkit.Unchanged(t, task.Apply(t))
				}
				require.Equal(t, tc.want, l.settings(uid)["derivedFields"], tc.reason)

				gone := task.With(map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}})
				if tc.changes {
					testkit.FourRuns(t, gone)
				} else {
					testkit.Unchanged(t, gone.Apply(t))
				}
				require.Equal(t, tc.have, l.settings(uid)["derivedFields"], "restored")
				require.Equal(t, 500.0, l.settings(uid)["maxLines"])
				testkit.Unchanged(t, gone.Apply(t))
			})
		}
	}
}
