// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestServiceGraphNeedsAGenerator(t *testing.T) {
	const found, given = "http://prometheus.monitoring.svc.cluster.local:9090/api/v1/write", "http://mimir.monitoring/api/v1/push"
	cases := map[string]struct {
		reason string
		config Config
		asks   bool
		want   *MetricsGenerator
	}{
		"off":            {"it was not requested", Config{}, false, nil},
		"alone":          {"with the discovered Prometheus", Config{ServiceGraph: true}, true, &MetricsGenerator{found, []string{"service-graphs", "span-metrics"}}},
		"another server": {"the user's URL takes precedence", Config{ServiceGraph: true, MetricsGenerator: &MetricsGenerator{given, []string{"host-info"}}}, false, &MetricsGenerator{given, []string{"host-info", "service-graphs", "span-metrics"}}},
		"beside blocks":  {"blocks need no Prometheus, the graph does", Config{ServiceGraph: true, MetricsGenerator: &MetricsGenerator{"", []string{"local-blocks"}}}, true, &MetricsGenerator{found, []string{"local-blocks", "service-graphs", "span-metrics"}}},
		"there already":  {"each processor once", Config{ServiceGraph: true, MetricsGenerator: &MetricsGenerator{given, []string{"span-metrics", "service-graphs"}}}, false, &MetricsGenerator{given, []string{"span-metrics", "service-graphs"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.asks, c.config.NeedsPrometheus(), c.reason)
			require.Equal(t, c.want, c.config.WithServiceGraph(found).MetricsGenerator, c.reason)
		})
	}
}

func TestUnusedPrometheus(t *testing.T) {
	const says = "prometheus has no effect: nothing is sent to it"
	require.EqualError(t, serviceGraph(Config{Prometheus: "monitoring/prometheus"}, helm.Chart{}, nil), says)
	require.EqualError(t, serviceGraph(Config{Prometheus: "monitoring/prometheus", ServiceGraph: true, MetricsGenerator: &MetricsGenerator{RemoteWriteURL: "http://x"}}, helm.Chart{}, nil), says)
	named := Config{Prometheus: "monitoring/prometheus", ServiceGraph: true}
	require.NoError(t, serviceGraph(named, helm.Chart{}, nil))
	require.NoError(t, serviceGraph(named.WithServiceGraph("http://found"), helm.Chart{}, nil), "Prometheus is used")
	named.MetricsGenerator = &MetricsGenerator{RemoteWriteURL: "http://x"}
	require.EqualError(t, serviceGraph(named.WithServiceGraph(""), helm.Chart{}, nil), says, "where the chart is known late")
}

func TestServiceName(t *testing.T) {
	require.NoError(t, checkService("monitoring/prometheus-server"))
	for _, wrong := range []any{"prometheus", "monitoring/", "/prometheus", "Monitoring/prometheus", "a/b/c", 7} {
		require.EqualError(t, checkService(wrong), "must be NAMESPACE/NAME of a Service, such as monitoring/prometheus-server", wrong)
	}
}
