// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// behind asks through an API server that gives every request this answer.
func behind(t *testing.T, status int, kind, body string) (path, text string, code int, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	address, client, err := kube.ServiceProxy(&rest.Config{Host: server.URL}, "tracing", "tempo-query-frontend", 3200)
	require.NoError(t, err)
	answer, err := client.Get(address + "/api/traces/1")
	if err != nil {
		return path, "", 0, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return path, string(data), answer.StatusCode, nil
}

func TestServiceProxyDistinguishesTheAPIServer(t *testing.T) {
	cases := map[string]struct {
		reason     string
		status     int
		kind, body string
		want       fault.Kind
		says       string
	}{
		"trace found":     {"a success comes from the Service", 200, "application/json", `{"batches":[]}`, "", ""},
		"no such trace":   {"Tempo's own 404", 404, "text/plain", "trace not found", "", ""},
		"json of its own": {"an error in JSON that is not a Status", 500, "application/json", `{"message":"no"}`, "", ""},
		"no pod": {"nothing is ready behind it", 503, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no endpoints available for service \"tempo-query-frontend\"","reason":"ServiceUnavailable","code":503}`,
			fault.Unreachable, `no endpoints available for service "tempo-query-frontend"`},
		"no service": {"it does not exist", 404, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"services \"tempo-query-frontend\" not found","reason":"NotFound","code":404}`,
			fault.NotFound, `services "tempo-query-frontend" not found`},
		"no right": {"the user lacks the permission", 403, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"services is forbidden","reason":"Forbidden","code":403}`,
			fault.Denied, "services is forbidden"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			path, body, code, err := behind(t, test.status, test.kind, test.body)
			require.Equal(t, "/api/v1/namespaces/tracing/services/http:tempo-query-frontend:3200/proxy/api/traces/1", path)
			if test.want == "" {
				require.NoError(t, err, test.reason)
				require.Equal(t, test.body, body)
				require.Equal(t, test.status, code)
				return
			}
			require.ErrorContains(t, err, test.says, test.reason)
			require.Equal(t, test.want, fault.KindOf(err), test.reason)
		})
	}
}
