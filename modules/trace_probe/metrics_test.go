// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// TraceQL metrics are a hop of their own if Tempo has them for Grafana.
func TestTraceQLMetricsHop(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		ask             bool
		want            string
	}{
		"2.6":      {"the first that Grafana supports", "2.6.0", true, "passed"},
		"3":        {"without a generator", "3.0.3", true, "passed"},
		"2.5":      {"experimental", "2.5.0", true, ""},
		"unwanted": {"Tempo runs without them", "2.10.8", false, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, broken{version: test.version})
			result := hastily(t, world.task().With(map[string]any{"traceql_metrics": test.ask}), "")
			require.False(t, result.Failed(), "%v", result)
			require.Equal(t, test.want, statuses(t, result)["metrics"], test.reason)
		})
	}
}

// measured are the links to and from metrics.
var measured = []string{"span_metrics", "service_graph", "exemplars"}

// The links to and from metrics are hops if the data sources have them.
func TestMetricsLinkHops(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		graph   *graph
		on      bool
		want    string // of all three
		warm    bool   // one query each
		change  map[string]any
		excepts map[string]string
	}{
		"as the role sets them":  {"no switch is needed", &graph{}, false, "passed", true, nil, nil},
		"switched on":            {"the same", &graph{}, true, "passed", true, nil, nil},
		"none":                   {"they were not requested", nil, false, "", false, nil, nil},
		"metrics that come late": {"Tempo sends them every 15 seconds", &graph{late: 3}, false, "passed", false, nil, nil},
		"no Loki":                {"each data source is read on its own", &graph{}, false, "passed", true, map[string]any{"loki_uid": nil}, nil},
		"without Traefik":        {"the link is on a span of our own", &graph{}, false, "passed", true, map[string]any{"loki_uid": nil, "ingress_host": nil, "ingress_url": nil, "services": nil}, nil},
		"exemplars elsewhere":    {"they belong to somebody else", &graph{leads: []any{map[string]any{"name": "traceID", "datasourceUid": "jaeger"}}}, false, "passed", true, nil, map[string]string{"exemplars": ""}},
		"a link of two queries":  {"a service without errors has no series of them", &graph{link: map[string]any{"queries": []any{map[string]any{"query": `sum(rate(traces_spanmetrics_calls_total{service="nobody"}[5m]))`}, map[string]any{"query": "rate(traces_spanmetrics_calls_total{$__tags}[5m])"}}}}, false, "passed", false, nil, nil},
		"somebody's file":        {"it is accepted as it is", &graph{leads: []any{}, readOnly: true}, true, "passed", false, nil, map[string]string{"exemplars": "absent"}},
		"two of one name":        {"the other one belongs to the user", &graph{leads: []any{map[string]any{"name": "traceID", "url": "http://x"}, map[string]any{"name": "traceID", "datasourceUid": "tempo"}}}, false, "passed", true, nil, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, broken{graph: test.graph})
			result := testkit.Unchanged(t, world.task().With(map[string]any{"service_graph": test.on}).With(test.change).Apply(t))
			found := statuses(t, result)
			for _, hop := range measured {
				want, special := test.excepts[hop]
				if !special {
					want = test.want
				}
				require.Equal(t, want, found[hop], "%s: %s", hop, test.reason)
			}
			if test.warm {
				require.LessOrEqual(t, len(test.graph.asked), len(measured), "one request more for each link")
			}
		})
	}
}

// Each break is named, with its cause.
func TestBrokenMetricsLinkIsNamed(t *testing.T) {
	t.Parallel()
	const calls, latency, edges = "traces_spanmetrics_calls_total", "traces_spanmetrics_latency_bucket", "traces_service_graph_request_total"
	all := []string{calls, latency, edges}
	off := map[string]string{"web.enable-remote-write-receiver": "false", "enable-feature": ""}
	cases := map[string]struct {
		reason string
		graph  graph
		faults broken
		hop    string
		cause  string
	}{
		"no link to metrics":      {"the role grafana was not run", graph{unlinked: true}, broken{}, "span_metrics", "no link from a span to its metrics"},
		"no query":                {"Grafana shows no link", graph{link: map[string]any{"queries": []any{}}}, broken{}, "span_metrics", "no link from a span to its metrics"},
		"no tags":                 {"$__tags stays", graph{link: map[string]any{"tags": []any{}}}, broken{}, "span_metrics", "refuses the query of the link"},
		"another label":           {"the span has none of that name", graph{link: map[string]any{"queries": []any{map[string]any{"query": `sum(rate(traces_spanmetrics_calls_total{service="other"}[5m]))`}}}}, broken{}, "span_metrics", "no series of its service"},
		"link's uid":              {"the name instead of the uid", graph{link: map[string]any{"datasourceUid": "Prometheus"}}, broken{}, "span_metrics", "a data source with metrics that Grafana does not have"},
		"graph's uid":             {"the name instead of the uid", graph{serviceIn: "Prometheus"}, broken{}, "service_graph", "a data source with metrics that Grafana does not have"},
		"another kind of source":  {"it is a Loki data source", graph{serviceIn: "loki"}, broken{}, "service_graph", "does not answer as Prometheus does"},
		"dead source":             {"no Prometheus at its URL", graph{says: http.StatusBadGateway}, broken{}, "span_metrics", "Prometheus cannot be asked"},
		"nothing arrives":         {"the generator's address is wrong", graph{none: all}, broken{}, "span_metrics", "no metric of Tempo's has arrived"},
		"no generator":            {"Tempo before 3 reports it", graph{none: all}, broken{version: "2.10.8", metrics: "error finding generators in Querier.queryRangeRecent: empty ring"}, "metrics", "no metrics generator answers"},
		"no remote write":         {"the flag", graph{none: all, flags: off}, broken{}, "span_metrics", "takes no metrics by remote write"},
		"no span-metrics":         {"a processor is missing", graph{none: []string{calls, latency}}, broken{}, "span_metrics", "none of this processor"},
		"no service-graphs":       {"a processor is missing", graph{none: []string{edges}}, broken{}, "service_graph", "none of this processor"},
		"no link from exemplars":  {"the role grafana was not run", graph{leads: []any{}}, broken{}, "exemplars", "no link from exemplars to traces"},
		"exemplars' uid":          {"the name instead of the uid", graph{leads: []any{map[string]any{"name": "traceID", "datasourceUid": "Tempo"}}}, broken{}, "exemplars", "leads to another data source"},
		"exemplars' label":        {"Tempo uses another label", graph{label: "trace_id"}, broken{}, "exemplars", "no trace ID"},
		"exemplars are not kept":  {"the feature is off", graph{label: "-", flags: map[string]string{"web.enable-remote-write-receiver": "true", "enable-feature": ""}}, broken{}, "exemplars", "keeps no exemplars"},
		"exemplars are not sent":  {"send_exemplars", graph{label: "-"}, broken{}, "exemplars", "without exemplars"},
		"no metrics of exemplars": {"span-metrics without histograms", graph{none: []string{latency}}, broken{}, "exemplars", "none of this processor"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.faults.graph = &test.graph
			world := newWorld(t, test.faults)
			result := hastily(t, world.task().With(map[string]any{"service_graph": true}), test.hop)
			require.Contains(t, testkit.Failed(t, result), test.hop, test.reason)
			require.NotEqual(t, "internal", result["kind"])
			require.Contains(t, causesIn(result)[test.hop], test.cause, "%s: %v", test.reason, result["msg"])
		})
	}
}

// Without a link to metrics nothing but the edge tells whose series there are.
func TestEdgesOfOtherServicesAlone(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{graph: &graph{none: []string{}, other: true, link: map[string]any{"datasourceUid": ""}}})
	result := hastily(t, world.task().With(map[string]any{"service_graph": true}), "span_metrics")
	testkit.Failed(t, result)
	require.Contains(t, causesIn(result)["service_graph"], "without the edge of this run's traces")
}

// causesIn maps hops to the causes by which they failed.
func causesIn(result map[string]any) map[string]string {
	found := map[string]string{}
	for _, item := range result["hops"].([]any) {
		hop := item.(map[string]any)
		found[hop["name"].(string)], _ = hop["cause"].(string)
	}
	return found
}

// If Tempo itself says that no generator runs, the links say so too.
func TestMetricsLinksWithoutAGenerator(t *testing.T) {
	t.Parallel()
	none := []string{"traces_spanmetrics_calls_total", "traces_spanmetrics_latency_bucket", "traces_service_graph_request_total"}
	world := newWorld(t, broken{graph: &graph{none: none}, version: "2.10.8", metrics: "error finding generators in Querier.queryRangeRecent: empty ring"})
	result := hastily(t, world.task().With(map[string]any{"service_graph": true}), "metrics")
	testkit.Failed(t, result)
	for _, hop := range measured {
		require.Contains(t, causesIn(result)[hop], "no metrics generator of Tempo's runs", hop)
	}
}
