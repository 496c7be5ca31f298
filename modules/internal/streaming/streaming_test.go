// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
)

const enabled = "GET /status/config\n---\nserver:\n    http_listen_port: 3200\nstream_over_http_enabled: true\n"

func TestAsk(t *testing.T) {
	both, search := map[string]any{"search": true, "metrics": true}, map[string]any{"search": true}
	tests := map[string]struct {
		reason  string
		wanted  map[string]any
		config  string
		status  int
		version string
		off     map[string]string
		asked   []string
	}{
		"it streams":       {"searches need nothing else", search, enabled, 200, "", nil, []string{"/status/config?mode=diff"}},
		"both":             {"metrics need a newer Tempo", both, enabled, 200, "tempo, version 2.6.0 (branch: HEAD)", nil, []string{"/status/config?mode=diff", "/status/version"}},
		"searches only":    {"an older one", both, enabled, 200, "tempo, version 2.4.1 (branch: HEAD)", map[string]string{"metrics": "Tempo 2.4.1 streams searches only"}, []string{"/status/config?mode=diff", "/status/version"}},
		"switched off":     {"an explicit false counts as off", search, "stream_over_http_enabled: false\n", 200, "", map[string]string{"search": "Tempo runs without stream_over_http_enabled: true"}, []string{"/status/config?mode=diff"}},
		"not set":          {"it is off by default, and has no effect under another key", both, "x:\n  stream_over_http_enabled: true\n", 200, "", map[string]string{"search": "Tempo runs without stream_over_http_enabled: true", "metrics": "Tempo runs without stream_over_http_enabled: true"}, []string{"/status/config?mode=diff"}},
		"behind a gateway": {"the gateway hides the page and HTTP/2", search, "", 404, "", map[string]string{"search": "Tempo answered /status/config with 404 Not Found"}, []string{"/status/config?mode=diff"}},
		"not asked":        {"Grafana itself refuses", search, `{"message":"no"}`, 403, "", map[string]string{"search": "Tempo could not be asked: read /status/config through data source tempo: 403 Forbidden: no"}, []string{"/status/config?mode=diff"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				path := r.URL.RequestURI()[len("/api/datasources/proxy/uid/tempo"):]
				asked = append(asked, path)
				if path == "/status/version" {
					_, _ = w.Write([]byte(tc.version))
					return
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.config))
			}))
			defer server.Close()
			client, err := grafana.Open(grafana.Access{URL: server.URL})
			require.NoError(t, err)
			answer := Ask(context.Background(), client, "tempo", tc.wanted)
			require.Equal(t, tc.off, answer.Off, tc.reason)
			require.Equal(t, tc.asked, asked, tc.reason)
		})
	}
}
