// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// users are data sources as people have set them up, and what a task makes of them.
var users = map[string]struct {
	have map[string]any
	task map[string]any
}{
	"Tempo": {map[string]any{"type": "tempo", "access": "proxy", "url": "http://theirs:3100", "basicAuth": true, "basicAuthUser": "pi",
		"jsonData": map[string]any{"nodeGraph": map[string]any{"enabled": true}, "tracesToLogsV2": map[string]any{"datasourceUid": "theirs", "spanStartTimeShift": "1h"}, "timeout": 30.0}},
		map[string]any{"ds_type": "tempo", "ds_url": "http://ours:3200", "basic_auth_user": "", "json_data": map[string]any{"timeout": nil, "nodeGraph": map[string]any{"enabled": false}},
			"tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": "loki", "query": "{a=\"b\"}"}}}},
	"Loki": {map[string]any{"type": "loki", "access": "proxy", "url": "http://theirs:3100",
		"jsonData": map[string]any{"maxLines": 500.0, "derivedFields": []any{theirs(`traceID=(\w+)`, "x")}}},
		map[string]any{"ds_type": "loki", "ds_url": "http://ours:3100", "json_data": map[string]any{"maxLines": 1000, "alertmanager": "am"},
			"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "trace_id_field": "trace_id", "datasource_uid": "tempo"}}}}},
	"Prometheus": {map[string]any{"type": "prometheus", "access": "proxy", "url": "http://theirs:9090",
		"jsonData": map[string]any{"httpMethod": "POST", "exemplarTraceIdDestinations": []any{map[string]any{"name": "traceID", "datasourceUid": "jaeger"}}}},
		map[string]any{"ds_type": "prometheus", "json_data": map[string]any{"httpMethod": "GET"},
			"prometheus": map[string]any{"exemplars": []any{map[string]any{"datasource_uid": "tempo"}}}}},
	"plain": {map[string]any{"type": "tempo", "access": "proxy", "url": "http://theirs:3100"},
		map[string]any{"ds_type": "tempo", "ds_url": "http://ours:3200", "is_default": false, "json_data": map[string]any{"a": map[string]any{"b": 1}}}},
}

// A data source that existed before gets back what it had when the task is
// undone, whether by absent or by setting nothing any more.
func TestPreviousDataSourceIsRestored(t *testing.T) {
	for name, test := range users {
		for _, state := range []string{"absent", "present"} {
			t.Run(name+" "+state, func(t *testing.T) {
				l := newLab(t)
				uid := testkit.Name("user")
				have := maps.Clone(test.have)
				have["name"], have["uid"] = uid, uid
				status, _ := l.api("POST", "/api/datasources", have)
				require.Equal(t, 200, status)
				before := l.plain(uid)

				task := l.task(map[string]any{"uid": uid}).With(test.task)
				testkit.FourRuns(t, task)
				require.NotEqual(t, before, l.plain(uid))
				testkit.Changed(t, task.With(map[string]any{"ds_url": "http://moved:3200"}).Apply(t))

				back := l.task(map[string]any{"uid": uid, "restore": true, "state": state})
				testkit.FourRuns(t, back)
				require.Equal(t, before, l.plain(uid))
				require.NotContains(t, l.source(uid)["jsonData"], "picluster_settings", "no record is left")
				require.NotContains(t, l.source(uid)["jsonData"], "picluster_derived_fields")
				require.NotContains(t, l.source(uid)["jsonData"], "picluster_exemplars")
			})
		}
	}
}

// plain is a data source without its version.
func (l *lab) plain(uid string) map[string]any {
	found := l.source(uid)
	delete(found, "version")
	return found
}

func TestOnlyOwnDataSourceIsDeleted(t *testing.T) {
	l := newLab(t)
	task := l.task(map[string]any{"uid": "made", "name": "made", "ds_type": "tempo", "ds_url": "http://ours:3200", "json_data": map[string]any{"a": 1}})
	testkit.FourRuns(t, task)
	testkit.Changed(t, task.With(map[string]any{"ds_url": "http://moved:3200"}).Apply(t))
	testkit.FourRuns(t, l.task(map[string]any{"uid": "made", "restore": true, "state": "absent"}))
	status, _ := l.api("GET", "/api/datasources/uid/made", nil)
	require.Equal(t, 404, status)

	status, _ = l.api("POST", "/api/datasources", map[string]any{"name": "same", "uid": "same", "type": "tempo", "access": "proxy", "url": "http://ours:3200"})
	require.Equal(t, 200, status)
	testkit.Unchanged(t, l.task(map[string]any{"uid": "same", "ds_url": "http://ours:3200"}).Apply(t))
	result := testkit.Unchanged(t, l.task(map[string]any{"uid": "same", "restore": true, "state": "absent"}).Apply(t))
	require.Contains(t, fmt.Sprint(result["warnings"]), "data source same stays: there is no record that this module made it; set restore: false to delete it anyway")
	testkit.FourRuns(t, l.task(map[string]any{"uid": "same", "state": "absent"}))
}

func TestLaterChangesAreKept(t *testing.T) {
	l := newLab(t)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": "t", "uid": "t", "type": "tempo", "access": "proxy", "url": "http://theirs", "jsonData": map[string]any{"a": 1}})
	require.Equal(t, 200, status)
	testkit.Changed(t, l.task(map[string]any{"uid": "t", "ds_url": "http://ours", "json_data": map[string]any{"a": 2, "b": map[string]any{"c": 3}}, "basic_auth_user": "pi"}).Apply(t))
	settings := l.source("t")["jsonData"].(map[string]any)
	settings["b"].(map[string]any)["d"] = 4
	status, _ = l.api("PUT", "/api/datasources/uid/t", map[string]any{"name": "t", "uid": "t", "type": "tempo", "access": "proxy", "url": "http://newer",
		"basicAuth": true, "basicAuthUser": "pi", "jsonData": settings})
	require.Equal(t, 200, status)
	result := testkit.FourRuns(t, l.task(map[string]any{"uid": "t", "restore": true, "state": "absent"}))
	require.Nil(t, result["warnings"])
	require.Equal(t, "http://newer", l.source("t")["url"])
	require.Equal(t, false, l.source("t")["basicAuth"])
	require.Equal(t, map[string]any{"a": 1.0, "b": map[string]any{"d": 4.0}}, l.source("t")["jsonData"])
}

// More people can read the records than the URL.
func TestURLWithALoginIsNotRecorded(t *testing.T) {
	l := newLab(t)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": "t", "uid": "t", "type": "tempo", "access": "proxy", "url": "http://pi:canary@theirs"})
	require.Equal(t, 200, status)
	task := l.task(map[string]any{"uid": "t", "ds_url": "http://ours", "json_data": map[string]any{"a": 1}})
	result := testkit.Changed(t, task.Apply(t))
	require.Contains(t, fmt.Sprint(result["warnings"]), "the URL that data source t has so far holds a login, so it is not recorded")
	require.NotContains(t, fmt.Sprint(l.source("t"), result), "canary")
	testkit.Unchanged(t, task.Apply(t))
	testkit.FourRuns(t, l.task(map[string]any{"uid": "t", "restore": true, "state": "absent"}))
	require.Equal(t, "http://ours", l.source("t")["url"])
	require.Empty(t, l.source("t")["jsonData"])
}

func TestRemainingSecretIsReported(t *testing.T) {
	l := newLab(t)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": "t", "uid": "t", "type": "tempo", "access": "proxy", "url": "http://theirs"})
	require.Equal(t, 200, status)
	testkit.Changed(t, l.task(map[string]any{"uid": "t", "basic_auth_user": "pi", "basic_auth_password": testkit.Secret()}).Apply(t))
	result := testkit.Changed(t, l.task(map[string]any{"uid": "t", "restore": true, "state": "absent"}).Apply(t))
	require.Contains(t, fmt.Sprint(result["warnings"]), "the secret basicAuthPassword of data source t stays as this module set it, since Grafana does not return secrets")
	require.Empty(t, l.source("t")["jsonData"])
}

// A file takes over a data source, and cannot return it to the API: it stays in
// the file with what it had.
func TestDataSourceAdoptedByAFileIsRestored(t *testing.T) {
	for _, name := range []string{"Tempo", "Loki", "plain"} {
		for _, state := range []string{"absent", "present"} {
			t.Run(name+" "+state, func(t *testing.T) {
				l := newLab(t)
				task, uid := l.fileTask(users[name].task)
				have := maps.Clone(users[name].have)
				have["name"], have["uid"] = uid, uid
				status, _ := l.api("POST", "/api/datasources", have)
				require.Equal(t, 200, status)
				url, before := l.source(uid)["url"], l.settings(uid)

				testkit.FourRuns(t, task)
				require.NotEqual(t, url, l.source(uid)["url"])
				testkit.Changed(t, task.With(map[string]any{"ds_url": "http://moved:3200"}).Apply(t))

				bare, _ := l.fileTask(nil)
				back := bare.With(map[string]any{"name": uid, "uid": uid, "restore": true, "state": state})
				result := testkit.FourRuns(t, back)
				require.Equal(t, url, l.source(uid)["url"])
				require.Equal(t, before, l.settings(uid))
				testkit.Unchanged(t, back.Apply(t))
				if state == "absent" {
					require.Contains(t, fmt.Sprint(result["warnings"]), "data source "+uid+" stays in ConfigMap monitoring/grafana-datasource-"+uid+" with what it had before")
				}
				testkit.FourRuns(t, back.With(map[string]any{"restore": false, "state": "absent"}))
				status, _ = l.api("GET", "/api/datasources/uid/"+uid, nil)
				require.Equal(t, 404, status)
			})
		}
	}
}

func TestDataSourceCreatedByAFileIsDeleted(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	testkit.FourRuns(t, task)
	testkit.Changed(t, task.With(map[string]any{"ds_url": "http://moved:3200"}).Apply(t))
	testkit.FourRuns(t, task.With(map[string]any{"restore": true, "state": "absent"}))
	status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
	require.Equal(t, 404, status)
}
