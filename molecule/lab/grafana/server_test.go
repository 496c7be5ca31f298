// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStateSurvivesARestart(t *testing.T) {
	folder := t.TempDir()
	start(t, Options{DataDir: folder}).do("POST", "/api/datasources", tempo)
	again := start(t, Options{DataDir: folder})
	_, body := again.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, "http://tempo:3200", body["url"])
	info, err := os.Stat(filepath.Join(folder, "state.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the file holds secrets")
}

func TestSubPathAndPages(t *testing.T) {
	c := start(t, Options{SubPath: "/grafana/"})
	status, _ := c.do("GET", "/grafana/api/health", "")
	require.Equal(t, 200, status)
	status, text := c.raw("GET", "/api/health", "")
	require.Equal(t, 301, status)
	require.Contains(t, text, "/grafana/api/health")
	status, text = c.raw("GET", "/grafana/explore", "")
	require.Equal(t, 404, status)
	require.Contains(t, text, "<!DOCTYPE html>")
}

func TestHealthNeedsNoLogin(t *testing.T) {
	c := start(t, Options{Version: "9.2.4"})
	c.header.Del("Authorization")
	_, body := c.do("GET", "/api/health", "")
	require.Equal(t, map[string]any{"database": "ok", "version": "9.2.4", "commit": "stand-in"}, body)
}

func TestRequestLog(t *testing.T) {
	var lines bytes.Buffer
	c := start(t, Options{Log: &lines, SubPath: "/g"})
	c.do("GET", "/g/api/datasources/uid/nope?x=1", "")
	require.Equal(t, "GET /g/api/datasources/uid/nope?x=1 404\n", lines.String())
}

func TestDataSourceHealth(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		login, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/api/echo" && r.Header.Get("X-Scope-OrgID") == "pi":
			_, _ = w.Write([]byte("echo"))
		case r.URL.Path == "/status/config":
			_, _ = w.Write([]byte("---\nstream_over_http_enabled: true\n"))
		case r.URL.Path == "/loki/api/v1/query" && login == "u" && password == "p":
			_, _ = w.Write([]byte("{}"))
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer backend.Close()
	c := start(t, Options{})
	c.do("POST", "/api/datasources", `{"name":"T","uid":"t","type":"tempo","access":"proxy","url":"`+backend.URL+`",`+
		`"jsonData":{"httpHeaderName1":"X-Scope-OrgID"},"secureJsonData":{"httpHeaderValue1":"pi"}}`)
	c.do("POST", "/api/datasources", `{"name":"L","uid":"l","type":"loki","access":"proxy","url":"`+backend.URL+`",`+
		`"basicAuth":true,"basicAuthUser":"u","secureJsonData":{"basicAuthPassword":"p"}}`)
	c.do("POST", "/api/datasources", `{"name":"L2","uid":"l2","type":"loki","access":"proxy","url":"`+backend.URL+`"}`)
	c.do("POST", "/api/datasources", `{"name":"X","uid":"x","type":"not-installed","access":"proxy","url":"`+backend.URL+`"}`)
	c.do("POST", "/api/datasources", `{"name":"D","uid":"d","type":"tempo","access":"proxy","url":"http://127.0.0.1:1"}`)

	c.do("POST", "/api/datasources", `{"name":"Z","uid":"z","type":"zipkin","access":"proxy","url":"`+backend.URL+`"}`)

	status, body := c.do("GET", "/api/datasources/uid/z/health", "")
	require.Equal(t, 404, status)
	require.Equal(t, "plugin.notImplemented", body["messageId"])
	status, body = c.do("GET", "/api/datasources/uid/t/health", "")
	require.Equal(t, 200, status, body["message"])
	status, text := c.raw("GET", "/api/datasources/proxy/uid/t/api/echo", "")
	require.Equal(t, 200, status)
	require.Equal(t, "echo", text)
	status, body = c.do("GET", "/api/datasources/uid/l/health", "")
	require.Equal(t, 200, status)
	require.Equal(t, "OK", body["status"])
	status, body = c.do("GET", "/api/datasources/uid/l2/health", "")
	require.Equal(t, 400, status)
	require.Equal(t, "ERROR", body["status"])
	status, _ = c.do("GET", "/api/datasources/uid/x/health", "")
	require.Equal(t, 404, status)
	status, _ = c.raw("GET", "/api/datasources/proxy/uid/d/api/echo", "")
	require.Equal(t, 502, status)
	status, _ = c.do("GET", "/api/datasources/uid/none/health", "")
	require.Equal(t, 500, status)
}

// TestHealthByVersion: plug-ins got their health checks in different versions.
func TestHealthByVersion(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer backend.Close()
	tests := map[string]struct {
		version, kind string
		status        int
	}{
		"tempo, the seed's": {"9.2.4", "tempo", 404},
		"tempo, in between": {"12.2.1", "tempo", 404},
		"tempo":             {"12.3.0", "tempo", 200},
		"loki, the seed's":  {"9.2.4", "loki", 404},
		"loki":              {"10.2.0", "loki", 200},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := start(t, Options{Version: tc.version})
			c.do("POST", "/api/datasources", `{"name":"X","uid":"x","type":"`+tc.kind+`","access":"proxy","url":"`+backend.URL+`"}`)
			status, _ := c.do("GET", "/api/datasources/uid/x/health", "")
			require.Equal(t, tc.status, status)
		})
	}
}

// TestTempoWithStreaming: it is healthy only if Tempo streams.
func TestTempoWithStreaming(t *testing.T) {
	config := "---\nstream_over_http_enabled: true\n"
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(config)) }))
	defer backend.Close()
	c := start(t, Options{})
	c.do("POST", "/api/datasources", `{"name":"T","uid":"t","type":"tempo","access":"proxy","url":"`+backend.URL+`","jsonData":{"streamingEnabled":{"search":true}}}`)
	status, _ := c.do("GET", "/api/datasources/uid/t/health", "")
	require.Equal(t, 200, status)
	config = "---\n"
	status, body := c.do("GET", "/api/datasources/uid/t/health", "")
	require.Equal(t, 400, status)
	require.Contains(t, body["message"], "Unimplemented")
}

// TestOldDataSourcesAreQueried: for five seconds after a change Grafana uses the
// old address.
func TestOldDataSourcesAreQueried(t *testing.T) {
	named := func(name string) string {
		backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(name)) }))
		t.Cleanup(backend.Close)
		return backend.URL
	}
	c := start(t, Options{})
	const path = "/api/datasources/proxy/uid/t/api/echo"
	c.do("POST", "/api/datasources", `{"name":"T","uid":"t","type":"tempo","access":"proxy","url":"`+named("old")+`"}`)
	_, text := c.raw("GET", path, "")
	require.Equal(t, "old", text)
	c.do("PUT", "/api/datasources/uid/t", `{"name":"T","type":"tempo","access":"proxy","url":"`+named("new")+`"}`)
	_, text = c.raw("GET", path, "")
	require.Equal(t, "old", text, "from the cache")
	_, text = c.with("X-Grafana-NoCache", "true").raw("GET", path, "")
	require.Equal(t, "new", text)
	_, text = c.raw("GET", path, "")
	require.Equal(t, "new", text, "bypassing the cache has refreshed it")
}
