// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func replaced(text, url string) string { return strings.ReplaceAll(text, "SERVER", url) }

func TestHealth(t *testing.T) {
	tests := map[string]struct {
		reason, kind string
		status       int
		body         string
		want         Health
		path         string
	}{
		"ok":           {"the plug-in's own check", "loki", 200, `{"status":"OK","message":"fine"}`, Health{true, true, "fine"}, "/api/datasources/uid/x/health"},
		"unhealthy":    {"400 is an answer", "loki", 400, `{"status":"ERROR","message":"dial tcp: refused"}`, Health{true, false, "dial tcp: refused"}, "/api/datasources/uid/x/health"},
		"none new":     {"since 10.2", "zipkin", 404, `{"message":"Method not implemented","messageId":"plugin.notImplemented"}`, Health{false, false, "this Grafana has no check for data sources of type zipkin"}, "/api/datasources/uid/x/health"},
		"none old":     {"before", "zipkin", 404, `{"message":"Not found"}`, Health{false, false, "this Grafana has no check for data sources of type zipkin"}, "/api/datasources/uid/x/health"},
		"broken":       {"the plug-in crashed", "loki", 500, `{"message":"Plugin health check failed"}`, Health{true, false, "500 Internal Server Error: Plugin health check failed"}, "/api/datasources/uid/x/health"},
		"tempo":        {"its echo endpoint answers the same in every version", "tempo", 200, "echo", Health{true, true, "Tempo's query frontend answered /api/echo"}, "/api/datasources/proxy/uid/x/api/echo"},
		"tempo down":   {"the proxy cannot connect", "tempo", 502, "", Health{true, false, "http://t:3100/api/echo through Grafana: 502 Bad Gateway"}, "/api/datasources/proxy/uid/x/api/echo"},
		"not tempo":    {"another server at that port", "tempo", 200, "<html>", Health{true, false, "http://t:3100 answered /api/echo with something else: is it Tempo's query frontend?"}, "/api/datasources/proxy/uid/x/api/echo"},
		"wrong server": {"404 of the data source", "tempo", 404, "404 page not found", Health{true, false, "http://t:3100/api/echo through Grafana: 404 Not Found"}, "/api/datasources/proxy/uid/x/api/echo"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path)
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}))
			defer server.Close()
			got, err := open(t, Access{URL: server.URL}).Health(context.Background(), &Source{UID: "x", Type: tc.kind, URL: "http://t:3100"})
			require.NoError(t, err)
			require.Equal(t, tc.want, got, tc.reason)
			require.Equal(t, []string{tc.path}, asked, "one request")
		})
	}
}

func TestHealthWithoutAHealthCheck(t *testing.T) {
	streaming := map[string]any{"streamingEnabled": map[string]any{"search": true}}
	const echo, query, check = "/api/datasources/proxy/uid/x/api/echo", "/api/datasources/proxy/uid/x/loki/api/v1/query", "/api/datasources/uid/x/health"
	tests := map[string]struct {
		reason, kind string
		settings     map[string]any
		check        int
		want         Health
		asked        []string
	}{
		"loki, old":             {"before 10.2 Loki is queried as its health check would", "loki", nil, 404, Health{true, true, "Loki answered /loki/api/v1/query"}, []string{check, query}},
		"tempo streams":         {"the check tries a streamed search", "tempo", streaming, 200, Health{true, true, "Streaming test succeeded."}, []string{check}},
		"tempo does not":        {"although it is configured to", "tempo", streaming, 400, Health{true, false, "Streaming test succeeded."}, []string{check}},
		"tempo, streams, old":   {"before 12.3 nothing checks it", "tempo", streaming, 404, Health{true, true, "Tempo's query frontend answered /api/echo"}, []string{check, echo}},
		"a type without either": {"the health is unknown", "zipkin", nil, 404, Health{false, false, "this Grafana has no check for data sources of type zipkin"}, []string{check}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path)
				switch r.URL.Path {
				case echo:
					_, _ = w.Write([]byte("echo"))
				case query:
					require.Equal(t, "vector(1)+vector(1)", r.URL.Query().Get("query"))
					_, _ = w.Write([]byte(`{"status":"success","data":{}}`))
				default:
					w.WriteHeader(tc.check)
					_, _ = w.Write([]byte(`{"status":"OK","message":"Streaming test succeeded."}`))
				}
			}))
			defer server.Close()
			got, err := open(t, Access{URL: server.URL}).Health(context.Background(), &Source{UID: "x", Type: tc.kind, JSONData: tc.settings})
			require.NoError(t, err)
			require.Equal(t, tc.want, got, tc.reason)
			require.Equal(t, tc.asked, asked, tc.reason)
		})
	}
}

func TestDollars(t *testing.T) {
	tests := map[string]struct{ reason, text, api, file string }{
		"api form":       {"as the API wants it", "${__value.raw}", "${__value.raw}", "$${__value.raw}"},
		"file form":      {"as the seed procedure writes it", "$${__value.raw}", "${__value.raw}", "$${__value.raw}"},
		"variable":       {"without braces", "{$$__tags} | $$__x", "{$__tags} | $__x", "{$$__tags} | $$__x"},
		"regex end":      {"a dollar sign that starts no variable", `^a$`, `^a$`, `^a$$`},
		"two at the end": {"two dollar signs are kept", `a$$`, `a$$`, `a$$$$`},
		"none":           {"nothing to do", "plain", "plain", "plain"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			nested := map[string]any{"l": []any{map[string]any{"url": tc.text}, 1.0, nil}}
			api := UnescapeVariables(nested)
			require.Equal(t, map[string]any{"l": []any{map[string]any{"url": tc.api}, 1.0, nil}}, api, tc.reason)
			require.Equal(t, map[string]any{"l": []any{map[string]any{"url": tc.file}, 1.0, nil}}, Escape(api), tc.reason)
			require.Equal(t, api, UnescapeVariables(api), "a second time changes nothing")
		})
	}
}
