// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// TestMain lets a task run in a process of its own: each reads the proxy of the
// environment once.
func TestMain(m *testing.M) {
	if testkit.Program(newModule) {
		return
	}
	os.Exit(m.Run())
}

// TestBelowASubPath has Grafana where the picluster has it: an ingress forwards
// /grafana/ and answers everything else with a page.
func TestBelowASubPath(t *testing.T) {
	l := newLab(t)
	target, err := url.Parse(l.proxy.URL)
	require.NoError(t, err)
	routes := http.NewServeMux()
	routes.Handle("/grafana/", http.StripPrefix("/grafana", httputil.NewSingleHostReverseProxy(target)))
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
	})
	ingress := httptest.NewServer(routes)
	defer ingress.Close()
	for _, address := range []string{ingress.URL + "/grafana/", ingress.URL + "/grafana"} {
		task := l.task(tempo).With(map[string]any{"grafana_url": address})
		testkit.FourRuns(t, task)
		testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	}
	failed := l.task(tempo).With(map[string]any{"grafana_url": ingress.URL}).Apply(t)
	require.Equal(t, "rejected: read data source tempo: "+ingress.URL+" answered 404 Not Found with an HTML page", testkit.Failed(t, failed))
	require.Equal(t, "check grafana_url: is it Grafana's, and does it hold the sub-path, as in https://host/grafana/?", failed["hint"])
}

// TestProxyFromTheEnvironment names a host that only the proxy knows.
func TestProxyFromTheEnvironment(t *testing.T) {
	l := newLab(t)
	target, err := url.Parse(l.url)
	require.NoError(t, err)
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Host)
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }}).ServeHTTP(w, r)
	}))
	defer proxy.Close()
	task := l.task(tempo).With(map[string]any{"grafana_url": "http://grafana.example.invalid/"})
	task.Env = map[string]string{"HTTP_PROXY": proxy.URL}
	testkit.Changed(t, task.Start(t).Result(t))
	testkit.Unchanged(t, task.Start(t).Result(t))
	require.Len(t, asked, 5, "two reads, the write, its proof, and the warm read")
	require.Equal(t, []string{"grafana.example.invalid"}, slices.Compact(slices.Clone(asked)))

	past := task.With(map[string]any{"use_proxy": false, "grafana_url": l.proxy.URL})
	testkit.Unchanged(t, past.Start(t).Result(t))
	unknown := task.With(map[string]any{"use_proxy": false}).Start(t).Result(t)
	require.Contains(t, testkit.Failed(t, unknown), "unreachable: read data source tempo: connect to http://grafana.example.invalid: ")
	require.Len(t, asked, 5, "use_proxy: false bypasses it")
}

func TestDigestsInAFolder(t *testing.T) {
	l, folder := newLab(t), filepath.Join(t.TempDir(), "digests")
	testkit.FourRuns(t, l.task(loki).With(map[string]any{"digest_path": folder}))
	require.NoDirExists(t, folder, "no secret, no digest")
	inGrafana := l.task(tempo).With(map[string]any{"basic_auth_user": "u", "basic_auth_password": testkit.Secret()})
	testkit.Changed(t, inGrafana.Apply(t))
	require.Contains(t, l.settings("tempo"), "picluster_secret_digests")

	task := inGrafana.With(map[string]any{"digest_path": folder})
	testkit.FourRuns(t, task)
	require.Empty(t, l.settings("tempo"), "none is left in Grafana")
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, files, 1)
	l.proxy.Requests()
	testkit.Unchanged(t, task.Apply(t))
	require.Equal(t, []string{"GET /api/datasources/uid/tempo"}, l.proxy.Requests(), "an unchanged run takes one request here, too")

	testkit.FourRuns(t, task.With(map[string]any{"basic_auth_password": testkit.Secret()}))
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"user": "changed beside it"}))

	testkit.Changed(t, task.With(map[string]any{"digest_path": filepath.Join(t.TempDir(), "another host")}).Apply(t))
	testkit.Unchanged(t, task.Apply(t))
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	files, err = os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, files, "its digests are deleted with the data source")
}

// TestRestoredGrafanaGetsTheSecretsAgain: its secrets may be older than the
// digests on the host.
func TestRestoredGrafanaGetsTheSecretsAgain(t *testing.T) {
	l := newLab(t)
	task := l.task(tempo).With(map[string]any{"digest_path": t.TempDir(), "secure_json_data": map[string]any{"k": testkit.Secret()}})
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"user": "second version"}))
	// An update without a version resets it to 1, as a restored backup would.
	status, _ := l.api("PUT", "/api/datasources/uid/tempo", map[string]any{"name": "Tempo", "type": "tempo", "access": "proxy", "url": tempo["ds_url"], "user": "second version",
		"secureJsonData": map[string]any{"k": "that of the backup"}})
	require.Equal(t, 200, status)
	testkit.FourRuns(t, task)

	status, _ = l.api("DELETE", "/api/datasources/uid/tempo", nil)
	require.Equal(t, 200, status)
	status, _ = l.api("POST", "/api/datasources", map[string]any{"name": "Tempo", "uid": "tempo", "type": "tempo", "access": "proxy", "url": tempo["ds_url"],
		"secureJsonData": map[string]any{"k": "somebody's"}})
	require.Equal(t, 200, status)
	_, after := testkit.Diff(t, testkit.Changed(t, task.Check(t)))
	require.Contains(t, after, "k: '*** (after)'", "a recreated data source is a different one")
	testkit.FourRuns(t, task)
}

func TestFolderCannotBeCreated(t *testing.T) {
	l, file := newLab(t), filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	task := l.task(tempo).With(map[string]any{"digest_path": filepath.Join(file, "below"), "basic_auth_password": testkit.Secret(), "basic_auth_user": "u"})
	failed := task.Apply(t)
	require.Contains(t, testkit.Failed(t, failed), "denied: make the folder for digests: ")
	require.Empty(t, testkit.Writes(l.proxy.Requests()), "refused before the secret was written")
}

// serving is a Tempo that serves its echo, its version, and its settings, with
// the current value of streams.
func serving(t *testing.T, streams *bool) string {
	t.Helper()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.RequestURI() {
		case "/api/echo":
			_, _ = w.Write([]byte("echo"))
		case "/status/version":
			_, _ = w.Write([]byte("tempo, version 2.9.0 (branch: HEAD, revision: x)"))
		case "/status/config?mode=diff":
			setting := map[bool]string{true: "stream_over_http_enabled: true\n"}[*streams]
			_, _ = w.Write([]byte("GET /status/config\n---\n" + setting))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(backend.Close)
	return backend.URL
}

func TestStreamingIsEnabledWhereItWorks(t *testing.T) {
	l, streams := newLab(t), true
	task := l.task(tempo).With(map[string]any{"ds_url": serving(t, &streams), "check_health": true, "require_healthy": true,
		"tempo": map[string]any{"streaming": map[string]any{"search": true, "metrics": true}}})
	result := testkit.FourRuns(t, task)
	require.Equal(t, true, result["streaming"])
	require.Equal(t, true, result["healthy"], "Grafana tried it: %v", result["healthy_reason"])
	require.Equal(t, map[string]any{"streamingEnabled": map[string]any{"search": true, "metrics": true}}, l.settings("tempo"))
	l.proxy.Requests()
	testkit.Unchanged(t, task.Apply(t))
	require.Equal(t, []string{"GET /api/datasources/uid/tempo", "GET /api/datasources/uid/tempo/health"}, l.proxy.Requests(), "a data source that streams is not probed again")
	streams = false
	failed := task.Apply(t)
	require.Contains(t, testkit.Failed(t, failed), "unreachable: check data source tempo: ", "streaming that stopped working is detected")
}

func TestStreamingStaysOffWhereItDoesNotWork(t *testing.T) {
	l, streams := newLab(t), false
	task := l.task(tempo).With(map[string]any{"ds_url": serving(t, &streams), "tempo": map[string]any{"streaming": map[string]any{"search": true}}})
	result := testkit.FourRuns(t, task)
	require.Equal(t, false, result["streaming"])
	require.Equal(t, "Tempo runs without stream_over_http_enabled: true", result["streaming_reason"])
	require.Empty(t, l.settings("tempo"))
	warned := testkit.Unchanged(t, task.Apply(t))
	require.Equal(t, []any{"streaming of search is left off: Tempo runs without stream_over_http_enabled: true"}, warned["warnings"])

	insisting := task.With(map[string]any{"json_data": map[string]any{"streamingEnabled": map[string]any{"search": true}}})
	testkit.FourRuns(t, insisting)
	testkit.FourRuns(t, task.With(map[string]any{"tempo": map[string]any{"streaming": map[string]any{"search": false}}}))
	streams = true
	testkit.FourRuns(t, task)
	require.Equal(t, map[string]any{"streamingEnabled": map[string]any{"search": true}}, l.settings("tempo"), "it is switched on once it works")
}

func TestStreamingFollowsTheURL(t *testing.T) {
	l, old, today := newLab(t), false, true
	task := l.task(tempo).With(map[string]any{"ds_url": serving(t, &old), "tempo": map[string]any{"streaming": map[string]any{"search": true}}})
	testkit.Changed(t, task.Apply(t))
	moved := testkit.FourRuns(t, task.With(map[string]any{"ds_url": serving(t, &today)}))
	require.Equal(t, true, moved["streaming"], "the Tempo at the new URL was probed")
}

func TestStreamingInAFile(t *testing.T) {
	l, streams := newLab(t), true
	options := map[string]any{"ds_type": "tempo", "ds_url": serving(t, &streams), "tempo": map[string]any{"streaming": map[string]any{"search": true}}}
	task, uid := l.fileTask(options)
	result := testkit.FourRuns(t, task)
	require.Equal(t, true, result["streaming"])
	settings, err := json.Marshal(l.settings(uid))
	require.NoError(t, err)
	require.JSONEq(t, `{"streamingEnabled":{"search":true}}`, string(settings))

	streams = false
	other, uid := l.fileTask(options)
	require.Equal(t, false, testkit.FourRuns(t, other)["streaming"])
	require.Empty(t, l.settings(uid))
	alone, _ := l.fileTask(options)
	result = testkit.FourRuns(t, alone.With(map[string]any{"grafana_url": nil}))
	require.Equal(t, "Tempo is asked through Grafana, and grafana_url is not given", result["streaming_reason"])
}
