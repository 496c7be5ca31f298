// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/digest"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// read turns options into Args as a task does.
func read(t *testing.T, options map[string]any) Args {
	t.Helper()
	options["name"] = "X"
	values, err := New().Options().Decode(options, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	var args Args
	require.NoError(t, values.Into(&args))
	return args
}

func TestTypedSettings(t *testing.T) {
	tests := map[string]struct {
		reason  string
		options map[string]any
		kind    string
		want    map[string]any
	}{
		"tempo, everything": {"each under Grafana's own key", map[string]any{"tempo": map[string]any{
			"traces_to_logs": map[string]any{"datasource_uid": "loki", "tags": []any{"pod", map[string]any{"key": "service.name", "value": "app"}},
				"span_start_shift": "-5m", "span_end_shift": "5m", "filter_by_trace_id": true, "filter_by_span_id": false, "query": `{app="x"} |= "$${__trace.traceId}"`},
			"traces_to_metrics": map[string]any{"datasource_uid": "prometheus", "queries": []any{map[string]any{"name": "Rate", "query": "sum(rate(x{$$__tags}[5m]))"}}},
			"service_map":       "prometheus", "node_graph": true, "search": map[string]any{"hide": false},
			"trace_query": map[string]any{"time_shift_enabled": true, "span_start_shift": "-30m"},
			"span_bar":    map[string]any{"type": "Tag", "tag": "http.path"}, "streaming": map[string]any{"search": true, "metrics": false},
		}}, "tempo", map[string]any{
			"tracesToLogsV2": map[string]any{"datasourceUid": "loki", "tags": []any{map[string]any{"key": "pod"}, map[string]any{"key": "service.name", "value": "app"}},
				"spanStartTimeShift": "-5m", "spanEndTimeShift": "5m", "filterByTraceID": true, "filterBySpanID": false, "customQuery": true, "query": `{app="x"} |= "${__trace.traceId}"`},
			"tracesToMetrics": map[string]any{"datasourceUid": "prometheus", "queries": []any{map[string]any{"name": "Rate", "query": "sum(rate(x{$__tags}[5m]))"}}},
			"serviceMap":      map[string]any{"datasourceUid": "prometheus"}, "nodeGraph": map[string]any{"enabled": true}, "search": map[string]any{"hide": false},
			"traceQuery": map[string]any{"timeShiftEnabled": true, "spanStartTimeShift": "-30m"},
			"spanBar":    map[string]any{"type": "Tag", "tag": "http.path"}, "streamingEnabled": map[string]any{"metrics": false}, // on only if Tempo streams
		}},
		"tempo, nothing": {"options that are not given are left out", map[string]any{"tempo": map[string]any{}}, "tempo", map[string]any{}},
		"loki, one field": {"as in the seed procedure", map[string]any{"loki": map[string]any{"max_lines": 500, "derived_fields": []any{
			map[string]any{"name": "TraceID", "trace_id_field": "request_X-B3-Traceid", "datasource_uid": "tempo"}}}}, "loki",
			map[string]any{"maxLines": 500.0, "derivedFields": []any{map[string]any{"name": "TraceID", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "datasourceUid": "tempo", "url": "${__value.raw}"}}}},
		"loki, several fields": {"the first match in the line", map[string]any{"loki": map[string]any{"derived_fields": []any{
			map[string]any{"name": "T", "trace_id_field": []any{"a.b", "TraceId"}, "url": "https://x/${__value.raw}"}}}}, "loki",
			map[string]any{"derivedFields": []any{map[string]any{"name": "T", "matcherRegex": `"(?:a\.b|TraceId)":"(\w+)"`, "url": "https://x/${__value.raw}"}}}},
		"loki, by label": {"by the name that the field has in Loki", map[string]any{"loki": map[string]any{"derived_fields": []any{
			map[string]any{"name": "T", "trace_id_field": "request_X-B3-Traceid", "matcher_type": "label", "datasource_uid": "tempo"}}}}, "loki",
			map[string]any{"derivedFields": []any{map[string]any{"name": "T", "matcherRegex": "request_X_B3_Traceid", "matcherType": "label", "datasourceUid": "tempo", "url": "${__value.raw}"}}}},
		"json_data wins": {"it is merged over the typed settings", map[string]any{"tempo": map[string]any{"node_graph": true},
			"json_data": map[string]any{"nodeGraph": map[string]any{"enabled": false}, "other": "$${x}"}}, "tempo",
			map[string]any{"nodeGraph": map[string]any{"enabled": false}, "other": "${x}"}},
		"tls": {"flags are derived from the certificates", map[string]any{"ds_type": "loki", "tls_ca_cert": "CA", "tls_client_cert": "C", "tls_client_key": "K", "tls_skip_verify": false, "tls_servername": "loki"}, "loki",
			map[string]any{"tlsAuthWithCACert": true, "tlsAuth": true, "tlsSkipVerify": false, "serverName": "loki"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			args := read(t, tc.options)
			require.Equal(t, tc.want, args.settings(), tc.reason)
			require.Equal(t, tc.kind, args.kind())
		})
	}
}

func TestContradictoryOptions(t *testing.T) {
	url := "http://grafana:3000"
	tests := map[string]struct {
		reason  string
		options map[string]any
		want    string
	}{
		"type":         {"the typed settings imply one", map[string]any{"ds_type": "loki", "tempo": map[string]any{}}, "options: ds_type is loki, but settings for tempo are given"},
		"Tempo":        {"the option would have no effect", map[string]any{"ds_type": "loki", "tempo_release": "tempo"}, "options: tempo_namespace and tempo_release are for a data source of type tempo: give ds_type: tempo, or leave them out"},
		"way":          {"the API needs Grafana's URL", map[string]any{"via": "api"}, "options: grafana_url is required for via: api"},
		"health":       {"the check needs Grafana", map[string]any{"require_healthy": true}, "options: grafana_url is required for require_healthy"},
		"organization": {"a file takes a number", map[string]any{"org_name": "Main"}, "options: grafana_url is required to find org_name: give org_id instead"},
		"login":        {"writing requires one", map[string]any{"grafana_url": url}, "options: one of grafana_password, grafana_api_key is required"},
		"two at once":  {"all problems are listed", map[string]any{"via": "api", "require_healthy": true}, "options: grafana_url is required for via: api; grafana_url is required for require_healthy"},
		"field twice": {"one of them would have no effect", fieldsOf(map[string]any{"name": "TraceID", "trace_id_field": "a"}, map[string]any{"name": "TraceID", "matcher_regex": `"a":"(\w+)"`}),
			"options: loki.derived_fields has TraceID twice: leave one of them out"},
		"expressions": {"Grafana uses only the first", fieldsOf(map[string]any{"name": "TraceID", "trace_id_field": "a"}, map[string]any{"name": "TraceID", "trace_id_field": "b"}),
			"options: loki.derived_fields has TraceID twice with different expressions, of which Grafana uses the first for both: give all names in one trace_id_field, one matcher_regex for both, or another name"},
		"label, line": {"Grafana matches the label", fieldsOf(map[string]any{"name": "T", "matcher_type": "label", "matcher_regex": "a"}, map[string]any{"name": "T", "matcher_regex": "a"}),
			"options: loki.derived_fields has T twice with different expressions, of which Grafana uses the first for both: give all names in one trace_id_field, one matcher_regex for both, or another name"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Module{}.Spec(read(t, tc.options))
			require.EqualError(t, err, tc.want, tc.reason)
			require.Equal(t, fault.Usage, fault.KindOf(err))
		})
	}
}

func fieldsOf(fields ...any) map[string]any {
	return map[string]any{"loki": map[string]any{"derived_fields": fields}}
}

// Grafana lets several fields have one name, so that one text can link to several
// places; and one field can replace another.
func TestFieldsOfTheSameName(t *testing.T) {
	field := func(more map[string]any) map[string]any {
		made := map[string]any{"name": "TraceID", "matcher_regex": `traceID=(\w+)`}
		maps.Copy(made, more)
		return made
	}
	tests := map[string]struct {
		reason string
		fields []any
	}{
		"two places":   {"both are links", []any{field(map[string]any{"datasource_uid": "tempo"}), field(map[string]any{"url": "https://jaeger.example.net/trace/${__value.raw}"})}},
		"in its place": {"the old one is replaced", []any{field(map[string]any{"state": "absent"}), field(map[string]any{"matcher_regex": `id=(\w+)`})}},
		"two names":    {"two fields", []any{field(nil), field(map[string]any{"name": "Trace"})}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Module{}.Spec(read(t, fieldsOf(tc.fields...)))
			require.NoError(t, err, tc.reason)
		})
	}
}

func TestLikelyUID(t *testing.T) {
	tests := map[string]struct{ reason, name, want string }{
		"simple": {"in lower case", "Tempo", "tempo"},
		"blanks": {"with everything that a uid may not contain replaced", "My Loki (Übung)", "my-loki---bung-"},
		"long":   {"cut at 40", "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz-abcdefghijklm"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, Args{Name: tc.name}.likelyUID(), tc.reason) })
	}
	require.Equal(t, "given", Args{Name: "Tempo", UID: "given"}.likelyUID())
}

func TestSecretsToWrite(t *testing.T) {
	good, err := digest.New(secret.NewText("new"))
	require.NoError(t, err)
	existing := func(digests map[string]any) *grafana.Source {
		return &grafana.Source{SecretsSet: []string{"k"}, JSONData: map[string]any{jsondata.DigestKey: digests}}
	}
	inFile := &grafana.Source{SecretsSet: []string{"k"}, Secrets: map[string]secret.Text{"k": secret.NewText("new")}}
	tests := map[string]struct {
		reason, mode string
		observed     *grafana.Source
		want         bool
	}{
		"new data source":     {"there is none yet", "digest", nil, true},
		"on create, new":      {"there is none yet", "on_create", nil, true},
		"not set":             {"Grafana has no such secret", "on_create", &grafana.Source{}, true},
		"on create, set":      {"whatever its value", "on_create", existing(nil), false},
		"digest fits":         {"unchanged", "digest", existing(map[string]any{"k": good}), false},
		"digest of another":   {"changed", "digest", existing(map[string]any{"k": "AAAA$AAAA"}), true},
		"no digest":           {"it was written by something else", "digest", existing(nil), true},
		"always":              {"in every run", "always", existing(map[string]any{"k": good}), true},
		"file has it":         {"a file can be read", "digest", inFile, false},
		"file has it, always": {"writing the same value is not a change", "always", inFile, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, Spec{Args: Args{UpdateSecret: tc.mode}}.mustWrite("k", secret.NewText("new"), tc.observed), tc.reason)
		})
	}
}
