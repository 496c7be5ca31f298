// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
)

func TestOldGrafanaGetsTheLegacyKeyToo(t *testing.T) {
	v2 := map[string]any{"datasourceUid": "loki"}
	tests := map[string]struct {
		reason, version string
		existing        map[string]any
		want            bool
		asked           int
	}{
		"new Grafana":     {"one key is enough", "13.2.0", nil, false, 1},
		"just new enough": {"introduced in 9.4", "9.4.0", nil, false, 1},
		"seed's Grafana":  {"supports only the old key", "9.2.4", nil, true, 1},
		"hidden version":  {"the version is unknown", "", nil, false, 1},
		"warm, new":       {"the data source shows which keys are supported", "9.2.4", map[string]any{linkKey: v2}, false, 0},
		"warm, old":       {"both keys exist", "13.2.0", map[string]any{linkKey: v2, legacyLinkKey: v2}, true, 0},
		"link is new":     {"as for a new data source", "9.2.4", map[string]any{"nodeGraph": v2}, true, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				require.Equal(t, "/api/health", r.URL.Path)
				_, _ = w.Write([]byte(`{"version":"` + tc.version + `"}`))
			}))
			defer listener.Close()
			server, err := grafana.Open(grafana.Access{URL: listener.URL})
			require.NoError(t, err)
			args := read(t, map[string]any{"tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": "loki"}}})
			var existing *grafana.Source
			if tc.existing != nil {
				existing = &grafana.Source{JSONData: tc.existing}
			}
			got, err := (&client{grafana: server}).needsLegacyLink(context.Background(), Spec{Args: args}, existing)
			require.NoError(t, err)
			require.Equal(t, tc.want, got, tc.reason)
			require.Equal(t, tc.asked, asked, tc.reason)
		})
	}
}

func TestLegacyKeyHasItsOwnFields(t *testing.T) {
	args := read(t, map[string]any{"tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": "loki", "query": "{}", "filter_by_trace_id": true, "tags": []any{"pod"}}}})
	wanted := resolved{Spec: Spec{Settings: args.settings()}}
	written := wanted.withLegacyLink(Status{NeedsLegacyLink: true})
	require.Equal(t, map[string]any{"datasourceUid": "loki", "filterByTraceID": true, "lokiSearch": true, "mapTagNamesEnabled": true,
		"mappedTags": []any{map[string]any{"key": "pod"}}}, written.Settings["tracesToLogs"])
	require.Equal(t, args.settings()["tracesToLogsV2"], written.Settings["tracesToLogsV2"], "the new key stays as it is")
	require.NotContains(t, wanted.withLegacyLink(Status{}).Settings, "tracesToLogs")
}
