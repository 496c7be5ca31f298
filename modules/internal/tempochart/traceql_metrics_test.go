// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

func TestTraceQLMetrics(t *testing.T) {
	nested, single := []string{"overrides", "defaults", "metrics_generator", "processors"}, []string{"tempo", "overrides", "defaults", "metrics_generator", "processors"}
	filter := []string{"metricsGenerator", "config", "processor", "local_blocks", "filter_server_spans"}
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		change func(*Config)
		path   []string
		want   any
	}{
		"many of 2.10":            {"one generator", distributedChart("2.26.2", "2.10.7"), nil, []string{"metricsGenerator", "enabled"}, true},
		"its processor":           {"alone", distributedChart("2.26.2", "2.10.7"), nil, nested, []any{"local-blocks"}},
		"no Prometheus":           {"it sends nothing", distributedChart("2.26.2", "2.10.7"), nil, []string{"metricsGenerator", "config", "storage"}, nil},
		"all spans":               {"not only those of servers", distributedChart("2.26.2", "2.10.7"), nil, filter, false},
		"flat limits":             {"before 1.33.0", distributedChart("1.15.0", "2.5.0"), nil, []string{"global_overrides", "metrics_generator_processors"}, []any{"local-blocks"}},
		"one pod of 2":            {"in the same process", monolithicChart("2.2.4", "2.10.8"), nil, single, []any{"local-blocks"}},
		"one pod, all spans":      {"not only those of servers", monolithicChart("2.2.4", "2.10.8"), nil, []string{"tempo", "metricsGenerator", "processor", "local_blocks", "filter_server_spans"}, false},
		"one pod of 2.7":          {"the chart has no key for its settings", monolithicChart("1.21.0", "2.7.1"), nil, []string{"tempo", "metricsGenerator", "processor"}, nil},
		"one pod of 2.5":          {"the chart has no key for blocks", monolithicChart("1.10.0", "2.5.0"), nil, []string{"tempo", "metricsGenerator"}, nil},
		"one pod of 3":            {"nothing is needed", monolithicChart("3.0.0", "3.0.3"), nil, []string{"tempo", "metricsGenerator"}, nil},
		"many of 3":               {"nothing is needed", distributedChart("3.3.0", "3.0.3"), nil, []string{"metricsGenerator", "enabled"}, nil},
		"1.5":                     {"Tempo 1.5 has no TraceQL metrics", distributedChart("0.27.9", "1.5.0"), nil, []string{"metricsGenerator", "enabled"}, nil},
		"not wanted":              {"by the option", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.TraceQLMetrics = false }, []string{"metricsGenerator", "enabled"}, nil},
		"beside others":           {"added", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.MetricsGenerator = derive("span-metrics") }, nested, []any{"span-metrics", "local-blocks"}},
		"named by the user":       {"once", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.MetricsGenerator = derive("local-blocks") }, nested, []any{"local-blocks"}},
		"an older generator":      {"its image decides", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.Values = tagOf("metricsGenerator", "2.3.1") }, []string{"metricsGenerator", "enabled"}, nil},
		"switched off explicitly": {"the user's values win", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.Values = map[string]any{"metricsGenerator": map[string]any{"enabled": false}} }, []string{"metricsGenerator", "enabled"}, false},
		"no volume":               {"its blocks need none", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.Persistence = &Persistence{Size: "5Gi"} }, []string{"metricsGenerator", "persistence"}, nil},
		"sized":                   {"as elsewhere", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.Resources = "raspberrypi" }, []string{"metricsGenerator", "resources", "limits", "memory"}, "512Mi"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			config.TraceQLMetrics = true
			if test.change != nil {
				test.change(&config)
			}
			require.NoError(t, Validate(config, test.chart, map[string]any{"ingest": map[string]any{"kafka": map[string]any{"address": "k:9092"}}}))
			values, err := Composer{Config: config, Chart: test.chart, Credentials: "keys"}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}

// Before the chart is read, nobody knows whether its Tempo needs a generator.
func TestReplicasOfAnOptionalGenerator(t *testing.T) {
	two := Config{TraceQLMetrics: true, Sizing: Sizing{Replicas: map[string]int64{"metrics_generator": 2}}}
	require.NoError(t, Validate(two, distributedChart("2.26.2", ""), nil))
	require.NoError(t, Validate(two, distributedChart("2.26.2", "2.10.7"), nil))
	require.ErrorContains(t, Validate(two, distributedChart("0.27.9", "1.5.0"), nil), "replicas.metrics_generator has no effect")
}

// Only local-blocks sends nothing.
func TestMetricsNeedATarget(t *testing.T) {
	chart := distributedChart("2.26.2", "2.10.7")
	require.NoError(t, Validate(Config{MetricsGenerator: &MetricsGenerator{Processors: []string{"local-blocks"}}}, chart, nil))
	err := Validate(Config{MetricsGenerator: &MetricsGenerator{Processors: []string{"local-blocks", "span-metrics"}}}, chart, nil)
	require.ErrorContains(t, err, "what the processor span-metrics derives would go nowhere")
	require.Equal(t, fault.Usage, fault.KindOf(err))
	require.NotEmpty(t, fault.HintOf(err))
}
