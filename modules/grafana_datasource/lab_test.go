// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	datasource "github.com/picluster/tracing/modules/grafana_datasource"
	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// lab is an organization of its own in the lab's Grafana, behind a counting
// proxy.
type lab struct {
	t     *testing.T
	proxy *testkit.Proxy
	url   string
	orgID int64
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, url: testkit.Env(t, "LAB_GRAFANA_URL")}
	l.proxy = testkit.NewProxy(t, l.url)
	_, made := l.api("POST", "/api/orgs", map[string]any{"name": testkit.Name("org")})
	l.orgID = int64(made["orgId"].(float64))
	return l
}

// api calls Grafana, bypassing the module and the proxy.
func (l *lab) api(method, path string, body any) (int, map[string]any) {
	l.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(l.t, err)
	request, err := http.NewRequest(method, l.url+path, bytes.NewReader(data))
	require.NoError(l.t, err)
	request.SetBasicAuth(testkit.Env(l.t, "LAB_GRAFANA_USER"), testkit.Env(l.t, "LAB_GRAFANA_PASSWORD"))
	request.Header.Set("Content-Type", "application/json")
	if l.orgID != 0 {
		request.Header.Set("X-Grafana-Org-Id", json.Number(jsonInt(l.orgID)).String())
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(l.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(l.t, err)
	var read map[string]any
	require.NoError(l.t, json.Unmarshal(text, &read), "%s", text)
	return response.StatusCode, read
}

func jsonInt(n int64) string { data, _ := json.Marshal(n); return string(data) }

// source reads a data source, bypassing the module.
func (l *lab) source(uid string) map[string]any {
	l.t.Helper()
	status, found := l.api("GET", "/api/datasources/uid/"+uid, nil)
	require.Equal(l.t, 200, status, "%v", found)
	return found
}

// settings are those of a data source without the records that the module keeps
// among them.
func (l *lab) settings(uid string) map[string]any {
	l.t.Helper()
	settings := l.source(uid)["jsonData"].(map[string]any)
	delete(settings, "picluster_derived_fields")
	delete(settings, "picluster_settings")
	return settings
}

// task is a task of the module in this organization.
func (l *lab) task(options map[string]any) testkit.Task {
	all := map[string]any{
		"grafana_url": l.proxy.URL, "org_id": l.orgID, "check_health": false,
		"grafana_user": testkit.Env(l.t, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(l.t, "LAB_GRAFANA_PASSWORD"),
	}
	return testkit.Task{New: newModule, Options: all}.With(options)
}

func newModule() converge.Runner { return datasource.New() }

var (
	tempo = map[string]any{"name": "Tempo", "uid": "tempo", "ds_type": "tempo", "ds_url": "http://tempo-query-frontend.tracing.svc.cluster.local:3100"}
	loki  = map[string]any{"name": "Loki", "uid": "loki", "ds_url": "http://loki-gateway.logging.svc.cluster.local", "loki": map[string]any{"derived_fields": []any{
		map[string]any{"name": "TraceID", "trace_id_field": "request_X-B3-Traceid", "datasource_uid": "tempo"},
	}}}
)

func TestFourRuns(t *testing.T) {
	tests := map[string]struct {
		reason  string
		options map[string]any
		want    map[string]any
	}{
		"tempo": {"as the seed procedure has it", tempo, map[string]any{}},
		"loki": {"with the link of the seed procedure", loki, map[string]any{"derivedFields": []any{map[string]any{
			"name": "TraceID", "datasourceUid": "tempo", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "url": "${__value.raw}"}}}},
		"testdata": {"a type without options of its own", map[string]any{"name": "Test Data", "ds_type": "grafana-testdata-datasource", "json_data": map[string]any{"a": map[string]any{"b": 1}}},
			map[string]any{"a": map[string]any{"b": 1.0}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			task := l.task(tc.options)
			testkit.Changed(t, task.Check(t))
			require.Empty(t, testkit.Writes(l.proxy.Requests()), "a check writes nothing")
			applied := testkit.FourRuns(t, task)
			uid := applied["uid"].(string)
			require.Equal(t, tc.want, l.settings(uid), tc.reason)
			l.proxy.Requests()
			testkit.Unchanged(t, task.Apply(t))
			require.Equal(t, []string{"GET /api/datasources/uid/" + uid}, l.proxy.Requests(), "an unchanged run takes one request")

			gone := task.With(map[string]any{"state": "absent"})
			testkit.FourRuns(t, gone)
			status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
			require.Equal(t, 404, status)
		})
	}
}

func TestHealthCheckTakesASecondRequest(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Contains(t, []string{"/api/echo", "/loki/api/v1/query"}, r.URL.Path)
		_, _ = w.Write([]byte("echo"))
	}))
	defer backend.Close()
	l := newLab(t)
	for _, options := range []map[string]any{tempo, loki} {
		task := l.task(options).With(map[string]any{"ds_url": backend.URL, "check_health": true, "require_healthy": true})
		result := testkit.FourRuns(t, task)
		require.Equal(t, true, result["healthy"], "%v", result["healthy_reason"])
		l.proxy.Requests()
		testkit.Unchanged(t, task.Apply(t))
		require.Len(t, l.proxy.Requests(), 2)
	}
	backend.Close()
	broken := l.task(tempo).With(map[string]any{"ds_url": backend.URL, "check_health": true})
	result := testkit.Unchanged(t, broken.Apply(t))
	require.Equal(t, false, result["healthy"])
	require.Equal(t, backend.URL+"/api/echo through Grafana: 502 Bad Gateway", result["healthy_reason"])
	failed := broken.With(map[string]any{"require_healthy": true}).Apply(t)
	require.Equal(t, "unreachable: check data source tempo: "+backend.URL+"/api/echo through Grafana: 502 Bad Gateway", testkit.Failed(t, failed))
}

// TestHealthCheckUsesTheNewURL: Grafana's proxy may use a data source that is
// five seconds old, and the run has asked for its health before the change.
func TestHealthCheckUsesTheNewURL(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("echo")) }))
	defer backend.Close()
	l := newLab(t)
	task := l.task(tempo).With(map[string]any{"ds_url": "http://127.0.0.1:1", "check_health": true})
	require.Equal(t, false, testkit.Changed(t, task.Apply(t))["healthy"])
	moved := testkit.FourRuns(t, task.With(map[string]any{"ds_url": backend.URL, "require_healthy": true}))
	require.Equal(t, true, moved["healthy"], "%v", moved["healthy_reason"])
}

func TestForeignSettingsAreKept(t *testing.T) {
	l := newLab(t)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": "Loki", "uid": "loki", "type": "loki", "access": "proxy", "url": "http://theirs",
		"jsonData": map[string]any{"maxLines": 5000, "derivedFields": []any{
			map[string]any{"name": "Order", "matcherRegex": "order=(\\d+)", "url": "https://shop/${__value.raw}"},
			map[string]any{"name": "TraceID", "matcherRegex": "old", "urlDisplayLabel": "To the trace"}}},
		"basicAuth": true, "basicAuthUser": "them", "secureJsonData": map[string]string{"basicAuthPassword": "theirs"}})
	require.Equal(t, 200, status)
	task := l.task(loki).With(map[string]any{"ds_url": nil})
	before, after := testkit.Diff(t, testkit.Changed(t, task.Check(t)))
	require.Equal(t, "datasource/loki: {}", before)
	require.Equal(t, `datasource/loki:
  jsonData:
    derivedFields:
      TraceID "request_X-B3-Traceid":"(\w+)":
        datasourceUid: tempo
        matcherRegex: '"request_X-B3-Traceid":"(\w+)"'
        name: TraceID
        url: ${__value.raw}`, after)
	testkit.FourRuns(t, task)
	found := l.source("loki")
	require.Equal(t, "http://theirs", found["url"])
	require.Equal(t, "them", found["basicAuthUser"])
	require.Equal(t, map[string]any{"basicAuthPassword": true}, found["secureJsonFields"])
	require.Equal(t, map[string]any{"maxLines": 5000.0, "derivedFields": []any{
		map[string]any{"name": "Order", "matcherRegex": "order=(\\d+)", "url": "https://shop/${__value.raw}"},
		map[string]any{"name": "TraceID", "matcherRegex": "old", "urlDisplayLabel": "To the trace"},
		map[string]any{"name": "TraceID", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "datasourceUid": "tempo", "url": "${__value.raw}"},
	}}, l.settings("loki"))

	gone := l.task(map[string]any{"uid": "loki", "loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}})
	testkit.FourRuns(t, gone)
	require.Equal(t, map[string]any{"maxLines": 5000.0, "derivedFields": []any{
		map[string]any{"name": "Order", "matcherRegex": "order=(\\d+)", "url": "https://shop/${__value.raw}"},
		map[string]any{"name": "TraceID", "matcherRegex": "old", "urlDisplayLabel": "To the trace"}}}, l.source("loki")["jsonData"], "as it was")
}

func TestSingleAndDoubledDollarSigns(t *testing.T) {
	l := newLab(t)
	for i, url := range []string{"$${__value.raw}", "${__value.raw}"} {
		task := l.task(loki).With(map[string]any{"loki": map[string]any{"derived_fields": []any{
			map[string]any{"name": "TraceID", "matcher_regex": "x(\\d+)$", "datasource_uid": "tempo", "url": url}}}})
		require.Equal(t, i == 0, task.Apply(t)["changed"], "both forms are equivalent")
		fields := l.source("loki")["jsonData"].(map[string]any)["derivedFields"].([]any)
		require.Equal(t, "${__value.raw}", fields[0].(map[string]any)["url"])
		require.Equal(t, "x(\\d+)$", fields[0].(map[string]any)["matcherRegex"])
		testkit.Unchanged(t, task.Apply(t))
	}
}

func TestSecrets(t *testing.T) {
	l := newLab(t)
	password, header := testkit.Secret(), testkit.Secret()
	task := l.task(tempo).With(map[string]any{"basic_auth_user": "u", "basic_auth_password": password,
		"http_headers": map[string]any{"X-Scope-OrgID": header, "Authorization2": header}})
	testkit.FourRuns(t, task)
	found := l.source("tempo")
	require.Equal(t, map[string]any{"basicAuthPassword": true, "httpHeaderValue1": true, "httpHeaderValue2": true}, found["secureJsonFields"])
	jsonData := found["jsonData"].(map[string]any)
	require.Equal(t, "Authorization2", jsonData["httpHeaderName1"])
	require.Equal(t, "X-Scope-OrgID", jsonData["httpHeaderName2"])

	rotated := task.With(map[string]any{"basic_auth_password": testkit.Secret()})
	before, after := testkit.Diff(t, testkit.Changed(t, rotated.Check(t)))
	require.Equal(t, "datasource/tempo:\n  secureJsonData:\n    basicAuthPassword: '*** (before)'", before)
	require.Equal(t, "datasource/tempo:\n  secureJsonData:\n    basicAuthPassword: '*** (after)'", after)
	testkit.FourRuns(t, rotated)
	testkit.Unchanged(t, rotated.With(map[string]any{"update_secret": "on_create", "basic_auth_password": testkit.Secret()}).Apply(t))
	always := rotated.With(map[string]any{"update_secret": "always"})
	testkit.Changed(t, always.Apply(t))
	testkit.Changed(t, always.Apply(t))
}
