// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// all are the hops of an unbroken chain.
func all() map[string]string {
	return map[string]string{
		"query": "passed", "otlp_grpc": "passed", "otlp_http": "passed", "zipkin": "passed", "search": "passed", "ingress": "passed",
		"traefik": "passed", "application": "passed", "access_log": "passed", "derived_field": "passed", "grafana": "passed", "span_logs": "passed",
	}
}

func TestRealChainPasses(t *testing.T) {
	loki := stack.StartLoki(t)
	cases := map[string]struct {
		reason string
		set    setting
	}{
		"traefik's own line": {"the second of the two queries finds it", setting{search: true}},
		"another label":      {"found by a search, with links made for it", setting{search: true, app: "ingress"}},
		"in metadata":        {"found by a search, with links by label", setting{search: true, app: "ingress", metadata: true}},
		"nested line":        {"as the seed procedure's shipper writes it, for its own query", setting{search: true, nested: true}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			chain := newStack(t, loki, test.set)
			made := links{query: fmt.Sprintf("{app=%q} |= \"${__trace.traceId}\"", cmp.Or(test.set.app, "traefik"))}
			if test.set.metadata {
				made = links{field: map[string]any{"matcherType": "label", "matcherRegex": "trace_id"}, query: `{app="ingress"} | trace_id="${__trace.traceId}"`}
			}
			result := testkit.Unchanged(t, chain.task().With(chain.grafana(t, made)).Apply(t))
			require.Equal(t, all(), statuses(t, result), test.reason)
			require.Equal(t, map[string]any{"tempo": "1.5.0", "loki": loki.Version, "grafana": "13.2.0"}, result["versions"])
			for _, item := range result["hops"].([]any) {
				hop := item.(map[string]any)
				t.Logf("%-13v %5v ms  %v", hop["name"], hop["latency_ms"], hop["detail"])
			}
			for _, line := range result["waterfall"].([]any) {
				t.Log(line)
			}
			direct := testkit.Unchanged(t, chain.task().Apply(t))
			require.Equal(t, "passed", statuses(t, direct)["access_log"], "Loki is asked at its own address, as a tenant")
		})
	}
}

func TestReceiversAloneAreFast(t *testing.T) {
	tempo := stack.StartTempo(t, stack.Config{Store: stack.NewStore(t, nil)})
	stack.Answers(t, tempo.Query+"/ready", "")
	chain := &servers{tempo: tempo}
	task := chain.task().With(map[string]any{"ingress_host": nil, "ingress_url": nil, "services": nil, "loki_url": nil, "loki_tenant": nil})
	begin := time.Now()
	result := testkit.Unchanged(t, task.Apply(t))
	t.Logf("found after %v; a quiet machine needs less than 3 s", time.Since(begin))
	require.Less(t, time.Since(begin), waited, "it does not wait where there is nothing to wait for")
	require.Equal(t, map[string]string{"query": "passed", "otlp_grpc": "passed", "otlp_http": "passed", "zipkin": "passed", "search": "absent"}, statuses(t, result))
}

// One hop is broken in each case, and it is named: in the servers themselves, or
// in the options for a healthy chain.
func TestBrokenHopIsNamedOnRealServers(t *testing.T) {
	const dead = "http://127.0.0.1:1"
	loki := stack.StartLoki(t)
	healthy := newStack(t, loki, setting{})
	type options = map[string]any
	cases := map[string]struct {
		reason string
		set    *setting // nil is the healthy chain
		links  links
		change options
		hop    string
		hint   string
	}{
		"policy without list":  {"Tempo ends at its start", &setting{actions: []any{"s3:PutObject"}}, links{}, nil, "query", "cannot be reached"},
		"wrong query port":     {"Traefik answers there", nil, links{}, options{"query": healthy.traefik}, "query", "not ready, or is not Tempo"},
		"receiver off":         {"Tempo takes Zipkin only", &setting{receivers: "{zipkin: {endpoint: \"127.0.0.1:0\"}}"}, links{}, options{"receivers": []any{"otlp_grpc"}}, "otlp_grpc", "nothing listens"},
		"port of HTTP":         {"in place of gRPC's", nil, links{}, options{"otlp_grpc": hostOf(healthy.tempo.HTTP)}, "otlp_grpc", "is not this receiver"},
		"port of Zipkin":       {"in place of OTLP's", nil, links{}, options{"otlp_http": "http://" + hostOf(healthy.tempo.Zipkin) + "/v1/traces"}, "otlp_http", "is not this receiver"},
		"port of OTLP":         {"in place of Zipkin's", nil, links{}, options{"zipkin": "http://" + hostOf(healthy.tempo.HTTP) + "/api/v2/spans"}, "zipkin", "is not this receiver"},
		"traefik away":         {"wrong address", nil, links{}, options{"ingress_url": dead}, "ingress", "Traefik cannot be reached"},
		"no such host":         {"no route", nil, links{}, options{"ingress_host": "other.example"}, "ingress", "no route"},
		"application is down":  {"a route without a back end", &setting{down: true}, links{}, nil, "ingress", "no pod behind it"},
		"traefik sends away":   {"the endpoint is a dead port", &setting{export: dead + "/v1/traces"}, links{}, nil, "traefik", "sent no span"},
		"only tracecontext":    {"Traefik's default", &setting{search: true, propagates: "tracecontext,baggage"}, links{}, options{"wait_timeout": "15s"}, "traefik", "does not read B3"},
		"another service name": {"tracing.serviceName", &setting{traefik: []string{"--tracing.servicename=edge"}}, links{}, nil, "traefik", "under its usual name"},
		"no propagation":       {"the application does not know the single header b3", &setting{propagates: "b3"}, links{}, nil, "application", "gets no trace headers"},
		"silent application":   {"it sends no spans", &setting{silent: true}, links{}, nil, "application", "nothing beneath Traefik's span"},
		"fields are dropped": {"fields.defaultMode: drop", &setting{traefik: []string{"--accesslog.fields.defaultmode=drop", "--accesslog.fields.names.RequestHost=keep", "--accesslog.fields.names.RequestPath=keep"}},
			links{}, nil, "access_log", "has no trace ID"},
		"another label":          {"the shipper's label is ingress, and the line is found all the same", &setting{app: "ingress"}, links{}, nil, "span_logs", "the query of the link from a span finds no line"},
		"OTLP's shape":           {"the expression looks into the line", &setting{metadata: true}, links{}, nil, "derived_field", "under another name"},
		"another tenant":         {"an empty tenant", nil, links{}, options{"loki_url": loki.URL, "loki_tenant": "nobody"}, "access_log", "another tenant is asked"},
		"format common":          {"Traefik's default", &setting{traefik: []string{"--accesslog.format=common"}}, links{}, nil, "access_log", "in the format common"},
		"link's selector":        {"another program", nil, links{query: `{app="web"} |= "${__trace.traceId}"`}, nil, "span_logs", "finds no line"},
		"link's LogQL":           {"a word is misspelt", nil, links{query: `{app="traefik"} | jsn`}, nil, "span_logs", "refuses the query of the link"},
		"no LogQL":               {"a word is misspelt", nil, links{}, options{"loki_query": `{app="traefik"} | jsn`}, "access_log", "refuses the query"},
		"no tenant":              {"this Loki has tenants", nil, links{}, options{"loki_url": loki.URL}, "access_log", "the request names none"},
		"loki away":              {"the data source leads nowhere", nil, links{logs: dead}, nil, "access_log", "Loki cannot be asked"},
		"no source of logs":      {"it has another uid", nil, links{}, options{"loki_uid": "nowhere"}, "access_log", "no data source with the logs"},
		"seed's expression":      {"on Traefik v3 it matches nothing", nil, links{field: options{"matcherRegex": `"request_X-B3-Traceid":"(\w+)"`}}, nil, "derived_field", "does not match"},
		"greedy expression":      {"it matches the span ID, too", nil, links{field: options{"matcherRegex": `"SpanId":"(\w+)"`}}, nil, "derived_field", "finds something else"},
		"uid of another":         {"a name instead of a uid", nil, links{field: options{"datasourceUid": "Tempo"}}, nil, "derived_field", "leads to another"},
		"dollar twice":           {"escaped as in a file, but sent to the API", nil, links{field: options{"url": "$${__value.raw}"}}, nil, "derived_field", "passes no value"},
		"no source of traces":    {"the field links to a uid that does not exist", nil, links{field: options{"datasourceUid": "nowhere"}}, options{"tempo_uid": "nowhere"}, "grafana", "no data source with the traces"},
		"source leads nowhere":   {"port 3100 after an upgrade", nil, links{traces: dead}, nil, "grafana", "cannot reach Tempo"},
		"source leads elsewhere": {"to a server without the trace", nil, links{traces: loki.URL}, nil, "grafana", "does not have the trace"},
		"login":                  {"wrong password", nil, links{}, options{"grafana_password": "wrong", "loki_url": loki.URL, "loki_tenant": healthy.tenant, "loki_uid": nil}, "grafana", "refuses the login"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain := healthy
			if test.set != nil {
				chain = newStack(t, loki, *test.set)
			}
			result := chain.changed(t, test.links, test.change).Apply(t)
			message := testkit.Failed(t, result)
			t.Log(message, "|", result["hint"])
			require.Contains(t, message, "hop "+test.hop+" (", test.reason)
			require.Contains(t, result["hint"], test.hint, test.reason)
		})
	}
}
