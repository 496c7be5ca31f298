// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

func TestConflictsAreDistinguished(t *testing.T) {
	tests := map[string]struct {
		reason  string
		options map[string]any
		says    string
		hint    string
	}{
		"name taken": {"another data source has the name", map[string]any{"name": "Mine", "uid": "new"},
			"conflict: create data source Mine with uid new: the name is taken by the data source with uid mine", "leave uid out to use that data source, give uid: mine, or choose another name"},
		"rename onto another": {"both data sources exist", map[string]any{"name": "Other", "uid": "mine"},
			"conflict: rename data source mine to Other: the name is taken by the data source with uid other", "rename or delete that data source first, or choose another name"},
		"second default": {"there is a default already", map[string]any{"name": "Other", "uid": "other", "is_default": true},
			"conflict: make data source other the default: Mine is it already", "set is_default: false on that one first, or leave is_default out"},
		"absent, wrong name": {"the uid belongs to another data source", map[string]any{"name": "Mine", "uid": "other", "state": "absent"},
			"conflict: delete data source other: its name is Other and not Mine", "give the uid alone, or the right name"},
		"type missing": {"only a new data source needs one", map[string]any{"name": "New"}, "usage: create data source New: ds_type is required", ""},
		"url missing":  {"Grafana requires one", map[string]any{"name": "New", "ds_type": "prometheus"}, "usage: create data source New: ds_url is required for type prometheus", ""},
	}
	l := newLab(t)
	for _, name := range []string{"Mine", "Other"} {
		uid := map[string]string{"Mine": "mine", "Other": "other"}[name]
		status, _ := l.api("POST", "/api/datasources", map[string]any{"name": name, "uid": uid, "type": "graphite", "access": "proxy", "url": "http://g"})
		require.Equal(t, 200, status)
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l.proxy.Requests()
			result := l.task(tc.options).Apply(t)
			require.Equal(t, tc.says, testkit.Failed(t, result), tc.reason)
			if tc.hint != "" {
				require.Equal(t, tc.hint, result["hint"], tc.reason)
			}
			require.Empty(t, testkit.Writes(l.proxy.Requests()), "refused before anything is written")
		})
	}
}

func TestRenameAndLookupByName(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(tempo).Apply(t))
	renamed := l.task(tempo).With(map[string]any{"name": "Traces"})
	before, after := testkit.Diff(t, testkit.Changed(t, renamed.Check(t)))
	require.Equal(t, "datasource/tempo:\n  name: Tempo", before)
	require.Equal(t, "datasource/tempo:\n  name: Traces", after)
	testkit.FourRuns(t, renamed)

	byName := l.task(map[string]any{"name": "Traces", "json_data": map[string]any{"nodeGraph": map[string]any{"enabled": true}}})
	result := testkit.FourRuns(t, byName)
	require.Equal(t, "tempo", result["uid"], "found through the list, although its uid is not derived from the name")
	testkit.FourRuns(t, byName.With(map[string]any{"state": "absent"}))
}

func TestUIDDerivedFromTheNameIsTaken(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(tempo).With(map[string]any{"name": "First"}).Apply(t))
	result := testkit.FourRuns(t, l.task(tempo).With(map[string]any{"uid": nil}))
	require.NotEqual(t, "tempo", result["uid"], "Grafana generates a uid if the one derived from the name is taken")
	require.Equal(t, "First", l.source("tempo")["name"])
}

func TestDefaultIsGivenUp(t *testing.T) {
	l := newLab(t)
	first := l.task(tempo).With(map[string]any{"is_default": false})
	testkit.FourRuns(t, first)
	require.Equal(t, false, l.source("tempo")["isDefault"], "Grafana made the first one the default")
	testkit.FourRuns(t, l.task(loki).With(map[string]any{"is_default": true}))
	require.Equal(t, true, l.source("loki")["isDefault"])
}

func TestReplaceRemovesUnlistedSettings(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(tempo).With(map[string]any{"json_data": map[string]any{"a": 1, "b": map[string]any{"c": 2, "d": 3}}, "http_headers": map[string]any{"X-A": testkit.Secret()}}).Apply(t))
	kept := l.task(tempo).With(map[string]any{"json_data": map[string]any{"b": map[string]any{"d": nil}, "e": map[string]any{}}})
	testkit.FourRuns(t, kept)
	jsonData := l.settings("tempo")
	require.Equal(t, 1.0, jsonData["a"])
	require.Equal(t, map[string]any{"c": 2.0}, jsonData["b"], "a null removes a key, an empty map changes nothing")
	only := l.task(tempo).With(map[string]any{"replace": true, "json_data": map[string]any{"b": map[string]any{"c": 2}}})
	testkit.FourRuns(t, only)
	jsonData = l.settings("tempo")
	delete(jsonData, "picluster_secret_digests")
	require.Equal(t, map[string]any{"b": map[string]any{"c": 2.0}}, jsonData)
}

func TestSampleLogLine(t *testing.T) {
	l := newLab(t)
	line := `{"RequestPath":"/","request_X-B3-Traceid":"4bf92f3577b34da6a3ce929d0e0e4736"}`
	task := l.task(loki).With(map[string]any{"sample_log_line": line})
	result := testkit.Changed(t, task.Apply(t))
	require.Equal(t, map[string]any{"TraceID": "4bf92f3577b34da6a3ce929d0e0e4736"}, result["sample"])
	l.proxy.Requests()
	refused := task.With(map[string]any{"sample_log_line": `{"TraceId":"1"}`}).Apply(t)
	require.Equal(t, `usage: find a trace ID in sample_log_line: no derived field matches: TraceID ("request_X-B3-Traceid":"(\w+)")`, testkit.Failed(t, refused))
	require.Empty(t, testkit.Writes(l.proxy.Requests()))
}

func TestOrganizationsAndTokens(t *testing.T) {
	l := newLab(t)
	_, org := l.api("GET", "/api/org", nil)
	byName := l.task(tempo).With(map[string]any{"org_id": nil, "org_name": org["name"]})
	result := testkit.FourRuns(t, byName)
	require.EqualValues(t, l.orgID, result["datasource"].(map[string]any)["orgId"])
	_, user := (&lab{t: t, url: l.url}).api("GET", "/api/user", nil)
	require.EqualValues(t, 1, user["orgId"], "the user's own organization is not switched")

	failed := byName.With(map[string]any{"org_name": "no such one"}).Apply(t)
	require.Equal(t, "not_found: find organization no such one: 404 Not Found: Organization not found", testkit.Failed(t, failed))

	status, account := l.api("POST", "/api/serviceaccounts", map[string]any{"name": "ansible", "role": "Admin"})
	require.Equal(t, 201, status)
	_, token := l.api("POST", fmt.Sprintf("/api/serviceaccounts/%v/tokens", account["id"]), map[string]any{"name": "t"})
	byToken := l.task(loki).With(map[string]any{"org_id": nil, "grafana_password": nil, "grafana_api_key": token["key"]})
	testkit.FourRuns(t, byToken)
	require.Equal(t, "loki", l.source("loki")["uid"], "in the token's own organization")
	failed = byToken.With(map[string]any{"org_id": 1}).Apply(t)
	require.Equal(t, "denied: read data source loki: 401 Unauthorized: API key does not belong to the requested organization", testkit.Failed(t, failed))

	_, viewer := l.api("POST", "/api/serviceaccounts", map[string]any{"name": "viewer", "role": "Viewer"})
	_, token = l.api("POST", fmt.Sprintf("/api/serviceaccounts/%v/tokens", viewer["id"]), map[string]any{"name": "t"})
	failed = byToken.With(map[string]any{"grafana_api_key": token["key"]}).Apply(t)
	require.Contains(t, testkit.Failed(t, failed), "denied: read data source loki: 403 Forbidden: You'll need additional permissions")
}

// disturbed answers one request of this method in Grafana's place.
func disturbed(method string, answer func(w http.ResponseWriter)) testkit.Disturb {
	done := false
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || done {
			return false
		}
		done = true
		answer(w)
		return true
	}
}

func TestConcurrentUpdateIsRetried(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(tempo).Apply(t))
	task := l.task(tempo).With(map[string]any{"json_data": map[string]any{"ours": true}})
	first := true
	l.proxy.Disturb(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PUT" && first {
			first = false
			status, _ := l.api("PUT", "/api/datasources/uid/tempo", map[string]any{"name": "Tempo", "type": "tempo", "access": "proxy", "url": tempo["ds_url"], "jsonData": map[string]any{"theirs": true}})
			require.Equal(l.t, 200, status)
			// An update without a version stores version 1, so it takes a second one to be newer.
			status, _ = l.api("PUT", "/api/datasources/uid/tempo", map[string]any{"name": "Tempo", "type": "tempo", "access": "proxy", "url": tempo["ds_url"], "jsonData": map[string]any{"theirs": true}, "version": 1})
			require.Equal(l.t, 200, status)
		}
		return false
	})
	l.proxy.Requests()
	testkit.Changed(t, task.Apply(t))
	require.Equal(t, map[string]any{"ours": true, "theirs": true}, l.settings("tempo"), "their change is kept")
	require.Equal(t, []string{"GET /api/datasources/uid/tempo", "PUT /api/datasources/uid/tempo", "GET /api/datasources/uid/tempo",
		"PUT /api/datasources/uid/tempo", "GET /api/datasources/uid/tempo"}, l.proxy.Requests(), "read again and retried")
}

func TestPersistentConflict(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(tempo).Apply(t))
	l.proxy.Disturb(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PUT" {
			return false
		}
		w.WriteHeader(409)
		_, _ = w.Write([]byte(`{"message":"Datasource has already been updated by someone else. Please reload and try again"}`))
		return true
	})
	l.proxy.Requests()
	failed := l.task(tempo).With(map[string]any{"user": "x"}).Apply(t)
	require.Equal(t, "conflict: update data source tempo: 409 Conflict: Datasource has already been updated by someone else. Please reload and try again", testkit.Failed(t, failed))
	require.Len(t, testkit.Writes(l.proxy.Requests()), 2)
}

func TestOverloadedIngress(t *testing.T) {
	l := newLab(t)
	l.proxy.Disturb(disturbed("POST", func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(429)
	}))
	testkit.Changed(t, l.task(tempo).Apply(t))
	l.proxy.Disturb(disturbed("GET", func(w http.ResponseWriter) { w.WriteHeader(502) }))
	testkit.Unchanged(t, l.task(tempo).Apply(t))
	l.proxy.Disturb(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true })
	failed := l.task(tempo).Apply(t)
	require.Equal(t, "unreachable: read data source tempo: "+l.proxy.URL+" answered 502 Bad Gateway with something that is not JSON", testkit.Failed(t, failed))
}

func TestHundredsOfDataSources(t *testing.T) {
	const many = 200
	l := newLab(t)
	task := func(i int) testkit.Task {
		return l.task(tempo).With(map[string]any{"name": fmt.Sprintf("Tempo %d", i), "uid": fmt.Sprintf("tempo-%d", i)})
	}
	for i := range many {
		testkit.Changed(t, task(i).Apply(t))
	}
	l.proxy.Requests()
	for i := range many {
		testkit.Unchanged(t, task(i).Apply(t))
	}
	require.Len(t, l.proxy.Requests(), many, "one read each")
}

func TestInvalidOptionsSendNoRequest(t *testing.T) {
	tests := map[string]struct {
		reason  string
		options map[string]any
		says    string
	}{
		"neither name nor uid": {"one of them is required", map[string]any{"name": nil, "uid": nil}, "usage: options: one of name, uid is required"},
		"bad uid":              {"Grafana's rule", map[string]any{"uid": "a b"}, "usage: options: uid must be 1 to 40 letters, digits, - or _"},
		"login in the url":     {"it would appear in logs", map[string]any{"grafana_url": "http://admin:" + testkit.Canary + "@h"}, "usage: options: grafana_url must not hold a login: use grafana_user and grafana_password"},
		"no login":             {"there is neither a token nor a password", map[string]any{"grafana_password": nil}, "usage: options: one of grafana_password, grafana_api_key is required"},
		"no address":           {"the API has one", map[string]any{"grafana_url": nil, "via": "api"}, "usage: options: grafana_url is required for via: api"},
		"header in json_data":  {"the error names the right option", map[string]any{"json_data": map[string]any{"httpHeaderName1": "X"}}, "usage: options: json_data must not hold httpHeaderName1: use http_headers, which numbers headers and hides their values"},
		"typo":                 {"the error suggests the nearest name", map[string]any{"dsurl": "x"}, "usage: options: unknown option dsurl (did you mean ds_url?)"},
		"several": {"all problems are listed at once", map[string]any{"uid": "a b", "via": "mail", "loki": map[string]any{"derived_fields": []any{map[string]any{"nam": "x"}}}},
			"usage: options: 4 problems: via must be one of auto, api, configmap; uid must be 1 to 40 letters, digits, - or _; loki.derived_fields[0].name is required; unknown option loki.derived_fields[0].nam (did you mean name?)"},
		"two kinds":  {"a data source has one type", map[string]any{"loki": map[string]any{}, "tempo": map[string]any{}}, "usage: options: only one of tempo, loki may be given"},
		"wrong kind": {"type and settings contradict", map[string]any{"ds_type": "tempo", "loki": map[string]any{}}, "usage: options: ds_type is tempo, but settings for loki are given"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := &lab{t: t, url: testkit.Env(t, "LAB_GRAFANA_URL")}
			l.proxy = testkit.NewProxy(t, l.url)
			l.orgID = 1
			require.Equal(t, tc.says, testkit.Failed(t, l.task(tempo).With(tc.options).Apply(t)), tc.reason)
			require.Empty(t, l.proxy.Requests())
		})
	}
}

func TestResultIsMasked(t *testing.T) {
	l := newLab(t)
	task := l.task(tempo).With(map[string]any{"json_data": map[string]any{"apiToken": testkit.Secret()}, "secure_json_data": map[string]any{"extra": testkit.Secret()}})
	result := testkit.Changed(t, task.Apply(t)) // the kit looks for the canary
	returned, err := json.Marshal(result["datasource"])
	require.NoError(t, err)
	require.Contains(t, string(returned), `"secureJsonData":{"extra":"***"}`)
	require.NotContains(t, string(returned), "digest")
}
