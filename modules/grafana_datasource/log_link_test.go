// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

type data = map[string]any

// field and metadata are findings as trace_probe returns them.
func field() data {
	return data{"selector": `{service_name="traefik"}`, "place": "field", "name": "TraceId", "regex": `"TraceId":"(\w+)"`}
}

func metadata() data {
	return data{"selector": `{service_name="traefik"}`, "place": "metadata", "name": "trace_id", "regex": ""}
}

// logs is the task of the role for Loki, and traces that for Tempo.
func logs(more data) data {
	all := data{"name": "Loki", "loki": data{"derived_fields": []any{data{"name": "TraceID", "trace_id_field": []any{"trace_id"}, "datasource_uid": "tempo"}}}}
	maps.Copy(all, more)
	return all
}

func traces(more data) data {
	all := data{"name": "Tempo", "tempo": data{"traces_to_logs": data{"datasource_uid": "loki", "query": `{app="traefik"} |= "${__trace.traceId}"`}}}
	maps.Copy(all, more)
	return all
}

func settingsOf(grafana *memory) data { return grafana.sources[0]["jsonData"].(map[string]any) }

func TestLinksUseTheLogLink(t *testing.T) {
	derived := func(kind, expression string) []any {
		return []any{data{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherType": kind, "matcherRegex": expression}}
	}
	link := func(query string) data {
		return data{"datasourceUid": "loki", "customQuery": true, "query": query}
	}
	cases := map[string]struct {
		reason string
		kind   string
		task   data
		key    string
		want   any
	}{
		"field":          {"a regular expression for the line", "loki", logs(data{"log_link": field()}), "derivedFields", derived("regex", `"TraceId":"(\w+)"`)},
		"metadata":       {"by label", "loki", logs(data{"log_link": metadata()}), "derivedFields", derived("label", "trace_id")},
		"span":           {"its query searches the text for the ID", "tempo", traces(data{"log_link": field()}), "tracesToLogsV2", link(`{service_name="traefik"} |= "${__trace.traceId}"`)},
		"span, metadata": {"its query filters by the label", "tempo", traces(data{"log_link": metadata()}), "tracesToLogsV2", link(`{service_name="traefik"} | trace_id="${__trace.traceId}"`)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			theirs := data{"name": "OrderID", "matcherRegex": "order=(x)", "url": "http://orders"}
			existing := source(c.kind, c.task["name"].(string), data{"type": c.kind, "jsonData": data{"derivedFields": []any{theirs}, "timeout": 7.0}})
			grafana := &memory{sources: []map[string]any{existing}}
			wanted := task(t, grafana, c.task)
			testkit.FourRuns(t, wanted)
			got := settingsOf(grafana)
			require.Equal(t, c.task["log_link"], got["picluster_log_link"], "it is stored")
			require.Equal(t, 7.0, got["timeout"])
			if fields, isList := got[c.key].([]any); isList {
				require.Equal(t, theirs, fields[0], "the user's field is kept")
				got[c.key] = fields[1:]
			}
			require.Equal(t, c.want, got[c.key], c.reason)
			warm := testkit.Unchanged(t, wanted.With(data{"log_link": data{}}).Apply(t))
			require.Equal(t, c.task["log_link"], warm["log_link"], "an empty log_link means the stored one")
			require.NotContains(t, warm["datasource"].(map[string]any)["jsonData"], "picluster_log_link")
			restored := wanted.With(data{"log_link": nil, "state": "absent", "restore": true})
			testkit.FourRuns(t, restored)
			require.NotContains(t, settingsOf(grafana), "picluster_log_link", "restored")
		})
	}
}

// A finding replaces an older one, of either kind.
func TestChangedLogLink(t *testing.T) {
	grafana := &memory{sources: []map[string]any{source("loki", "Loki", data{"type": "loki"})}}
	wanted := task(t, grafana, logs(nil))
	testkit.FourRuns(t, wanted)
	testkit.FourRuns(t, wanted.With(data{"log_link": metadata()}))
	testkit.FourRuns(t, wanted.With(data{"log_link": field()}))
	fields := settingsOf(grafana)["derivedFields"].([]any)
	require.Len(t, fields, 1)
	require.Equal(t, "regex", fields[0].(map[string]any)["matcherType"])
	require.Equal(t, field(), settingsOf(grafana)["picluster_log_link"])
}

// What the task itself says takes precedence, and without a finding nothing changes.
func TestLogLinkIsIgnored(t *testing.T) {
	cases := map[string]struct {
		reason string
		task   data
		want   data
	}{
		"nothing kept": {"the task's own field is used", logs(data{"log_link": data{}}), data{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherRegex": `"trace_id":"(\w+)"`}},
		"own expression": {"the user has chosen it", logs(data{"log_link": metadata(), "loki": data{"derived_fields": []any{data{"name": "TraceID", "matcher_regex": "id=(x)", "datasource_uid": "tempo"}}}}),
			data{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherRegex": "id=(x)"}},
		"own type": {"the user has chosen it", logs(data{"log_link": field(), "loki": data{"derived_fields": []any{data{"name": "TraceID", "trace_id_field": []any{"t"}, "matcher_type": "label", "datasource_uid": "tempo"}}}}),
			data{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherType": "label", "matcherRegex": "t"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			grafana := &memory{sources: []map[string]any{source("loki", "Loki", data{"type": "loki"})}}
			testkit.FourRuns(t, task(t, grafana, c.task))
			require.Equal(t, []any{c.want}, settingsOf(grafana)["derivedFields"], c.reason)
		})
	}
}

// A user's field with the same name would be used in place of ours, so ours gets
// another name as soon as it is known where the ID is; theirs stays as it is.
func TestDerivedFieldNameIsTaken(t *testing.T) {
	theirs := data{"name": "TraceID", "matcherRegex": "trace=(x)", "url": "http://theirs"}
	grafana := &memory{sources: []map[string]any{source("loki", "Loki", data{"type": "loki", "jsonData": data{"derivedFields": []any{theirs}}})}}
	wanted := task(t, grafana, logs(data{"log_link": data{}}))
	testkit.FourRuns(t, wanted)
	require.Len(t, settingsOf(grafana)["derivedFields"], 2)
	testkit.FourRuns(t, wanted.With(data{"log_link": field()}))
	ours := data{"name": "TraceID (Tempo)", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherType": "regex", "matcherRegex": `"TraceId":"(\w+)"`}
	require.Equal(t, []any{theirs, ours}, settingsOf(grafana)["derivedFields"])
	testkit.Unchanged(t, wanted.Apply(t))
	gone := data{"log_link": nil, "loki": data{"derived_fields": []any{data{"name": "TraceID", "state": "absent"}}}}
	testkit.FourRuns(t, wanted.With(gone))
	require.Equal(t, []any{theirs}, settingsOf(grafana)["derivedFields"])
}

// A Grafana without matching by label keeps the line's field, and says so.
func TestGrafanaWithoutLabelFields(t *testing.T) {
	grafana := &memory{version: "10.2.3", sources: []map[string]any{source("loki", "Loki", data{"type": "loki"})}}
	wanted := task(t, grafana, logs(data{"log_link": metadata()}))
	result := wanted.Apply(t)
	require.False(t, result.Failed())
	require.Contains(t, result["warnings"].([]any)[0], "Grafana 10.2.3 knows no derived fields by label")
	require.Equal(t, `"trace_id":"(\w+)"`, settingsOf(grafana)["derivedFields"].([]any)[0].(map[string]any)["matcherRegex"])
}

// Somebody else's file does not have to record it: correct links are enough.
func TestProvisionedDataSourceStoresNoLogLink(t *testing.T) {
	right := data{"derivedFields": []any{data{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}", "matcherType": "label", "matcherRegex": "trace_id"}}}
	grafana := &memory{sources: []map[string]any{source("loki", "Loki", data{"type": "loki", "readOnly": true, "jsonData": right})}}
	testkit.Unchanged(t, task(t, grafana, logs(data{"log_link": metadata()})).Apply(t))
	require.Zero(t, grafana.writes)
}

func TestInvalidLogLinks(t *testing.T) {
	cases := map[string]struct {
		link data
		want string
	}{
		"no selector": {data{"selector": "app", "place": "line", "regex": "(x)"}, "log_link.selector must be one of LogQL"},
		"no name":     {data{"selector": "{a=\"b\"}", "place": "label"}, "log_link.name is required for place label"},
		"no place":    {data{"selector": "{a=\"b\"}"}, "log_link.place must be line, field, label or metadata"},
		"another":     {data{"selector": "{a=\"b\"}", "place": "header"}, "log_link.place must be one of"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, testkit.Failed(t, task(t, &memory{}, logs(data{"log_link": c.link})).Check(t)), c.want)
		})
	}
}
