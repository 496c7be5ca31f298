// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestServiceGraphSendsExemplars(t *testing.T) {
	const url = "http://prometheus.monitoring:9090/api/v1/write"
	with, without := []any{map[string]any{"url": url, "send_exemplars": true}}, []any{map[string]any{"url": url}}
	many, one := []string{"metricsGenerator", "config", "storage", "remote_write"}, []string{"tempo", "metricsGenerator", "storage", "remote_write"}
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		graph  bool
		path   []string
		want   any
	}{
		"many":              {"Grafana links exemplars to traces", distributedChart("2.26.2", "2.10.7"), true, many, with},
		"many, no graph":    {"the configuration is unchanged", distributedChart("2.26.2", "2.10.7"), false, many, without},
		"one":               {"under the chart's key for all settings", monolithicChart("2.2.4", "2.10.8"), true, one, with},
		"one, no graph":     {"the URL is enough", monolithicChart("2.2.4", "2.10.8"), false, one, nil},
		"one of 2.7":        {"the chart has no key for its settings", monolithicChart("1.21.0", "2.7.1"), true, one, nil},
		"its address stays": {"for charts that read only the URL", monolithicChart("1.21.0", "2.7.1"), true, []string{"tempo", "metricsGenerator", "remoteWriteUrl"}, url},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			config.ServiceGraph = test.graph
			config.MetricsGenerator = &MetricsGenerator{RemoteWriteURL: url, Processors: []string{"service-graphs", "span-metrics"}}
			values, err := Composer{Config: config, Chart: test.chart, Credentials: "keys"}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}
