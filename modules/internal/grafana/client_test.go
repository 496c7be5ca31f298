// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wait"
)

const canary = "S3CRET-CANARY-grafana"

// open makes a client that hardly waits between attempts.
func open(t *testing.T, access Access) *Client {
	t.Helper()
	access.User, access.ValidateCerts = "admin", true
	client, err := Open(access)
	require.NoError(t, err)
	quick := policy
	quick.Timeout, quick.Backoff = 2*time.Second, wait.Backoff{Initial: time.Millisecond, Max: 2 * time.Millisecond}
	client.http.Transport = retry.New(client.http.Transport.(*retry.Transport).Unwrap(), quick)
	return client
}

func TestErrorMessages(t *testing.T) {
	json := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>" + canary + "</html>"))
		}
	}
	to := func(target string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }
	}
	tests := map[string]struct {
		reason     string
		server     http.HandlerFunc
		access     Access
		says, hint string
		kind       fault.Kind
	}{
		"401 password": {"the hint mentions the login lockout", json(401, `{"message":"Invalid username or password","messageId":"password-auth.failed"}`), Access{},
			"read data source tempo: 401 Unauthorized: Invalid username or password", "check grafana_user and grafana_password; after five wrong tries Grafana refuses a user for five minutes", fault.Denied},
		"401 token": {"the token is invalid", json(401, `{"message":"Invalid API key","messageId":"api-key.invalid"}`), Access{Token: secret.NewText(canary)},
			"read data source tempo: 401 Unauthorized: Invalid API key", "grafana_api_key was refused: make a token of a service account with the role Admin; tokens expire", fault.Denied},
		"401 other org": {"tokens belong to one organization", json(401, `{"message":"API key does not belong to the requested organization","messageId":"api-key.organization-mismatch"}`), Access{Token: secret.NewText(canary), OrgID: 7},
			"read data source tempo: 401 Unauthorized: API key does not belong to the requested organization", "the token belongs to another organization: leave org_id out, or use a token of that organization", fault.Denied},
		"403": {"the role is missing", json(403, `{"message":"You'll need additional permissions"}`), Access{},
			"read data source tempo: 403 Forbidden: You'll need additional permissions", "give this login the role Admin in the organization; a user may also not be a member of it at all", fault.Denied},
		"404 of something else": {"not Grafana's own message", json(404, `{"message":"Not found"}`), Access{},
			"read data source tempo: 404 Not Found", "", fault.NotFound},
		"409": {"it is a conflict", json(409, `{"message":"data source with the same uid already exists"}`), Access{},
			"read data source tempo: 409 Conflict: data source with the same uid already exists", "something else changed it at the same time, or the name or uid is taken: run again with --diff", fault.Conflict},
		"429 for long": {"the requested wait exceeds the timeout", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "600")
			html(429)(w, r)
		}, Access{}, "read data source tempo: SERVER answered 429 Too Many Requests with an HTML page", "Grafana or the ingress in front of it limits requests: run later, or raise timeout", fault.Timeout},
		"502 of the ingress": {"after several attempts", html(502), Access{},
			"read data source tempo: SERVER answered 502 Bad Gateway with an HTML page", "an ingress or proxy answered in place of Grafana: check that Grafana's pod is ready", fault.Unreachable},
		"html": {"another server, or the sub-path is missing", html(200), Access{},
			"read data source tempo: SERVER answered 200 OK with an HTML page", "check grafana_url: is it Grafana's, and does it hold the sub-path, as in https://host/grafana/?", fault.Rejected},
		"no json": {"plain text", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, Access{},
			"read data source tempo: SERVER answered 200 OK with something that is not JSON", "check grafana_url: is it Grafana's, and does it hold the sub-path, as in https://host/grafana/?", fault.Rejected},
		"login page": {"single sign-on before the API", to("https://sso.example.com/login?token=" + canary), Access{},
			"read data source tempo: SERVER redirects to https://sso.example.com/login", "there is a login page in front of Grafana's API: give an address behind it, such as that of the Service in the cluster", fault.Rejected},
		"sub-path": {"Grafana redirects there", to("/grafana/api/datasources/uid/tempo"), Access{},
			"read data source tempo: SERVER redirects to /grafana/api/datasources/uid/tempo", "give the address that answers itself in grafana_url, with https:// or the sub-path", fault.Rejected},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tc.server)
			defer server.Close()
			tc.access.URL, tc.access.Password = server.URL+"/", secret.NewText(canary)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			_, err := open(t, tc.access).Source(ctx, "tempo")
			require.EqualError(t, err, replaced(tc.says, server.URL), tc.reason)
			require.Equal(t, tc.hint, fault.HintOf(err), tc.reason)
			require.Equal(t, tc.kind, fault.KindOf(err), tc.reason)
			require.NotContains(t, err.Error(), canary)
		})
	}
}

func TestConnectionErrors(t *testing.T) {
	client := open(t, Access{URL: "http://127.0.0.1:1"})
	_, err := client.Source(context.Background(), "tempo")
	require.EqualError(t, err, "read data source tempo: connect to http://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused")
	require.Equal(t, fault.Unreachable, fault.KindOf(err))

	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	_, err = open(t, Access{URL: server.URL}).Source(context.Background(), "tempo")
	require.Equal(t, fault.TLS, fault.KindOf(err))
	require.ErrorContains(t, err, "certificate signed by unknown authority")
	require.Contains(t, fault.HintOf(err), "ca_cert")
}

func TestRetries(t *testing.T) {
	tests := map[string]struct {
		reason   string
		method   string
		statuses []int
		calls    int32
		fails    bool
	}{
		"get after 502":    {"reading again is harmless", "GET", []int{502, 503, 200}, 3, false},
		"post after 502":   {"it may have been carried out", "POST", []int{502, 200}, 1, true},
		"post after 429":   {"429 means that it was not carried out", "POST", []int{429, 200}, 2, false},
		"delete after 429": {"as long as the server asks", "DELETE", []int{429, 429, 429, 429, 200}, 5, false},
		"get after 500":    {"it may be temporary", "GET", []int{500, 500, 200}, 3, false},
		"permanent 500":    {"but not for long", "GET", []int{500, 500, 500, 500, 500}, 5, true},
		"put after 500":    {"it may have been carried out", "PUT", []int{500, 200}, 1, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(tc.statuses[calls.Add(1)-1])
				_, _ = w.Write([]byte("{}"))
			}))
			defer server.Close()
			err := open(t, Access{URL: server.URL}).do(context.Background(), call{doing: "try", method: tc.method, path: "/api/x"}, nil)
			require.Equal(t, tc.fails, err != nil, tc.reason)
			require.Equal(t, tc.calls, calls.Load(), tc.reason)
		})
	}
}

func TestWhatIsSent(t *testing.T) {
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		_, _ = w.Write([]byte(`{"uid":"a b","name":"T","secureJsonFields":{"z":true,"a":true,"gone":false}}`))
	}))
	defer server.Close()
	client := open(t, Access{URL: server.URL + "/grafana/", Password: secret.NewText("pw"), OrgID: 3})
	source, err := client.Source(context.Background(), "a b/c")
	require.NoError(t, err)
	require.Equal(t, "/grafana/api/datasources/uid/a%20b%2Fc", seen.URL.EscapedPath())
	require.Equal(t, "3", seen.Header.Get("X-Grafana-Org-Id"))
	require.Equal(t, "true", seen.Header.Get("X-Grafana-NoCache"))
	require.Equal(t, "Basic YWRtaW46cHc=", seen.Header.Get("Authorization"))
	require.Equal(t, []string{"a", "z"}, source.SecretsSet)

	client = open(t, Access{URL: server.URL, Password: secret.NewText("pw"), Token: secret.NewText("tok")})
	_, err = client.Source(context.Background(), "t")
	require.NoError(t, err)
	require.Equal(t, "Bearer tok", seen.Header.Get("Authorization"), "a token takes precedence over a password")
	require.Empty(t, seen.Header.Get("X-Grafana-Org-Id"))
}

func TestOrganizationByName(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/orgs/name/Pi":
			_, _ = w.Write([]byte(`{"id":4,"name":"Pi"}`))
		case "/api/org":
			_, _ = w.Write([]byte(`{"id":9,"name":"Main Org."}`))
		default:
			w.WriteHeader(404)
			_, _ = w.Write([]byte(`{"message":"Organization not found"}`))
		}
	}))
	defer server.Close()
	client := open(t, Access{URL: server.URL, OrgName: "Pi"})
	require.NoError(t, client.PickOrg(context.Background()))
	require.EqualValues(t, 4, client.orgID)

	err := open(t, Access{URL: server.URL, OrgName: "Nope"}).PickOrg(context.Background())
	require.EqualError(t, err, "find organization Nope: 404 Not Found: Organization not found")
	err = open(t, Access{URL: server.URL, OrgName: "Pi", Token: secret.NewText("t")}).PickOrg(context.Background())
	require.EqualError(t, err, "find organization Pi: the token belongs to Main Org.")
}
