// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// The links to and from metrics are proved on a Prometheus that holds what Tempo
// writes of the proof's own traces, and each break is named.
func TestLinksOfMetricsOnPrometheus(t *testing.T) {
	tempo := stack.StartTempo(t, stack.Config{Store: stack.NewStore(t, nil)})
	stack.Answers(t, tempo.Query+"/ready", "")
	both := []string{stack.Receives, stack.KeepsExemplars}
	cases := map[string]struct {
		reason string
		args   []string // of Prometheus
		makes  generator
		link   map[string]any    // parts of tracesToMetrics
		causes map[string]string // by the hops that fail
	}{
		"nothing":                {"as Tempo 2.10.8 and 3.0.3 write", both, generator{}, nil, map[string]string{}},
		"no remote write":        {"the flag of the receiver", []string{stack.KeepsExemplars}, generator{}, nil, map[string]string{"span_metrics": "takes no metrics by remote write", "service_graph": "takes no metrics by remote write", "exemplars": "takes no metrics by remote write"}},
		"exemplars are not kept": {"the feature is off, which is Prometheus' default", []string{stack.Receives}, generator{}, nil, map[string]string{"exemplars": "keeps no exemplars"}},
		"exemplars are not sent": {"send_exemplars", both, generator{bare: true}, nil, map[string]string{"exemplars": "without exemplars"}},
		"exemplars' label":       {"trace_id_label_name of Tempo", both, generator{label: "trace_id"}, nil, map[string]string{"exemplars": "no trace ID"}},
		"no span-metrics":        {"a processor is missing", both, generator{without: "traces_spanmetrics_"}, nil, map[string]string{"span_metrics": "none of this processor", "exemplars": "none of this processor"}},
		"no service-graphs":      {"a processor is missing", both, generator{without: "traces_service_graph_"}, nil, map[string]string{"service_graph": "none of this processor"}},
		"no tags":                {"$__tags stays", both, generator{}, map[string]any{"tags": []any{}}, map[string]string{"span_metrics": "refuses the query of the link"}},
		"another label":          {"the series have none of that name", both, generator{}, map[string]any{"tags": []any{map[string]any{"key": "service.name", "value": "service_name"}}}, map[string]string{"span_metrics": "no series of its service"}},
		"one sending":            {"rate() needs two, which are 15 s apart", both, generator{once: true}, nil, map[string]string{"span_metrics": "no series of its service", "service_graph": "without the edge of this run's traces"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prometheus := stack.StartPrometheus(t, test.args...)
			test.makes.accepts = http.StatusNoContent
			if len(test.causes) == 3 {
				test.makes.accepts = http.StatusNotFound
			}
			chain := &servers{tempo: tempo}
			task := chain.task().With(map[string]any{"ingress_host": nil, "ingress_url": nil, "services": nil, "loki_url": nil, "loki_tenant": nil, "receivers": []any{"zipkin"}, "wait_timeout": "10s"}).
				With(chain.measures(t, prometheus, test.link))
			task.Options["endpoints"].(map[string]any)["zipkin"] = test.makes.before(t, tempo.Zipkin, prometheus)
			result := task.Apply(t)
			require.Equal(t, len(test.causes) > 0, result.Failed(), "%s: %v", test.reason, result)
			if test.makes.once {
				require.Contains(t, result["hint"], "rate() needs two samples")
			}
			found, causes := statuses(t, result), causesIn(result)
			for _, hop := range measured {
				if cause, fails := test.causes[hop]; fails {
					require.Contains(t, causes[hop], cause, "%s: %s: %v", hop, test.reason, result["msg"])
				} else {
					require.Equal(t, "passed", found[hop], "%s: %s: %v", hop, test.reason, result["msg"])
				}
			}
		})
	}
}

// Tempo makes the metrics itself, and the proof finds them; a link that is added to the
// data source takes nothing from that.
func TestLinksOfMetricsByTempo(t *testing.T) {
	for _, version := range []string{"2.10.8", "3.0.3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			stack.Needs(t, version)
			prometheus, site := stack.StartPrometheus(t, stack.Receives, stack.KeepsExemplars), stack.NewSite(t)
			site.Metrics = prometheus.URL + "/api/v1/write"
			site.Start(t, version)
			stack.Answers(t, site.Query+"/ready", "")
			chain := &servers{tempo: stack.Tempo{Query: site.Query, GRPC: site.GRPC, HTTP: site.HTTP, Zipkin: site.Zipkin}}
			task := chain.task().With(map[string]any{"ingress_host": nil, "ingress_url": nil, "services": nil, "loki_url": nil, "loki_tenant": nil, "wait_timeout": "2m"}).
				With(chain.measures(t, prometheus, nil))
			want := map[string]string{}
			for _, hop := range append([]string{"query", "otlp_grpc", "otlp_http", "zipkin", "search", "metrics", "grafana"}, measured...) {
				want[hop] = "passed"
			}
			require.Equal(t, want, statuses(t, testkit.Unchanged(t, task.Apply(t))))

			another := testkit.Task{New: registry.Modules["grafana_datasource"], Options: map[string]any{
				"uid": chain.metrics, "prometheus": map[string]any{"exemplars": []any{map[string]any{"name": "trace_id", "datasource_uid": task.Options["tempo_uid"]}}}}}
			for _, option := range []string{"grafana_url", "grafana_user", "grafana_password"} {
				another = another.With(map[string]any{option: task.Options[option]})
			}
			testkit.FourRuns(t, another) // Grafana asks Prometheus whether it is well
			require.Equal(t, want, statuses(t, testkit.Unchanged(t, task.Apply(t))))
		})
	}
}

// measures creates Grafana's data sources as the role grafana does with
// grafana_service_graph, and returns the options for them.
func (s *servers) measures(t *testing.T, prometheus stack.Prometheus, change map[string]any) map[string]any {
	t.Helper()
	metrics, traces := testkit.Name("prometheus"), testkit.Name("tempo")
	s.metrics = metrics
	link := map[string]any{"datasourceUid": metrics, "tags": []any{map[string]any{"key": "service.name", "value": "service"}}, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m",
		"queries": []any{map[string]any{"name": "Requests", "query": "sum(rate(traces_spanmetrics_calls_total{$__tags}[5m]))"}}}
	maps.Copy(link, change)
	s.source(t, map[string]any{"uid": traces, "name": traces, "type": "tempo", "access": "proxy", "url": s.tempo.Query,
		"jsonData": map[string]any{"tracesToMetrics": link, "serviceMap": map[string]any{"datasourceUid": metrics}}})
	s.source(t, map[string]any{"uid": metrics, "name": metrics, "type": "prometheus", "access": "proxy", "url": prometheus.URL,
		"jsonData": map[string]any{exemplarsKey: []any{map[string]any{"name": "traceID", "datasourceUid": traces}}}})
	return map[string]any{
		"grafana_url": testkit.Env(t, "LAB_GRAFANA_URL"), "grafana_user": testkit.Env(t, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(t, "LAB_GRAFANA_PASSWORD"),
		"tempo_uid": traces, "loki_uid": nil, "service_graph": true,
	}
}
