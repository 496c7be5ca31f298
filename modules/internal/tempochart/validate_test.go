// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

func TestValidate(t *testing.T) {
	distributed := func(version, app string) helm.Chart {
		return helm.Chart{Name: "tempo-distributed", Version: version, AppVersion: app}
	}
	cases := map[string]struct {
		reason string
		config Config
		chart  helm.Chart
		values map[string]any
		want   string
	}{
		"seed":                           {"the procedure's own chart", Config{}, distributed("0.27.9", "1.5.0"), nil, ""},
		"last without kafka":             {"2.26.2 still has ingesters", Config{}, distributed("2.26.2", "2.10.7"), nil, ""},
		"3.x":                            {"it stores nothing", Config{}, distributed("3.3.0", "3.0.3"), nil, "Kafka"},
		"3.x with kafka":                 {"it only needs a broker", Config{Kafka: &Kafka{Address: "k:9092"}}, distributed("3.3.0", "3.0.3"), nil, ""},
		"3.x, kafka in values":           {"the user's values count", Config{}, distributed("3.3.0", "3.0.3"), map[string]any{"ingest": map[string]any{"kafka": map[string]any{"address": "k:9092"}}}, ""},
		"kafka too early":                {"the chart would ignore it", Config{Kafka: &Kafka{Address: "k:9092"}}, distributed("1.61.3", "2.9.0"), nil, "cannot write through Kafka"},
		"opencensus gone":                {"2.10.6 dropped the receiver", Config{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("2.26.2", "2.10.7"), nil, "no OpenCensus receiver"},
		"opencensus there":               {"2.9.0 has it", Config{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("1.61.3", "2.9.0"), nil, ""},
		"opencensus in values":           {"the seed's values on a chart of today", Config{}, distributed("2.26.2", "2.10.7"), map[string]any{"traces": map[string]any{"opencensus": map[string]any{"enabled": true}}}, "no OpenCensus receiver"},
		"image of 3 on 2":                {"its configuration differs", Config{ImageTag: "3.0.3"}, distributed("2.26.2", "2.10.7"), nil, "does not start"},
		"newer image of 2":               {"the last fix of 2.10", Config{ImageTag: "2.10.8"}, distributed("2.26.2", "2.10.7"), nil, ""},
		"broken release":                 {"tempo 2.2.1", Config{}, helm.Chart{Name: "tempo", Version: "2.2.1", AppVersion: "2.10.6"}, nil, "does not start"},
		"one component of 3":             {"it reads the same configuration", Config{}, distributed("2.26.2", "2.10.7"), tagOf("querier", "3.0.3"), "Tempo 3.0.3 (querier) does not start"},
		"one component of 2.10.8":        {"the same major version", Config{}, distributed("2.26.2", "2.10.7"), tagOf("querier", "2.10.8"), ""},
		"distributor without opencensus": {"its own tag decides", Config{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("1.61.3", "2.9.0"), tagOf("distributor", "2.9.4"), "Tempo 2.9.4 has no OpenCensus receiver"},
		"distributor with opencensus":    {"its own tag decides", Config{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("2.26.2", "2.10.7"), tagOf("distributor", "2.10.5"), ""},
		"querier without a prefix":       {"every component reads it", Config{S3: S3{Prefix: "a"}}, distributed("1.61.3", "2.9.0"), tagOf("querier", "2.1.1"), "Tempo 2.1.1 (querier) knows no s3.prefix"},
		"opencensus in the single": {"the user's values count there, too", Config{}, monolithicChart("2.2.4", "2.10.8"),
			map[string]any{"tempo": map[string]any{"receivers": map[string]any{"opencensus": map[string]any{}}}}, "no OpenCensus receiver"},
		"opencensus laid over": {"under the configuration's own keys", Config{}, distributed("2.26.2", "2.10.7"),
			map[string]any{"tempo": map[string]any{"structuredConfig": map[string]any{"distributor": map[string]any{"receivers": map[string]any{"opencensus": nil}}}}}, "no OpenCensus receiver"},
		"broken release, older image": {"values name an image that has the receiver", Config{}, helm.Chart{Name: "tempo", Version: "2.2.1"},
			map[string]any{"tempo": map[string]any{"tag": "2.10.5"}}, ""},
		"a generator that is off": {"it would have no pods", Config{Sizing: Sizing{Replicas: map[string]int64{"metrics_generator": 2}}}, distributed("2.26.2", "2.10.7"), nil, "replicas.metrics_generator has no effect"},
		"a generator that is on":  {"by the option", Config{MetricsGenerator: derive("span-metrics"), Sizing: Sizing{Replicas: map[string]int64{"metrics_generator": 2}}}, distributed("2.26.2", "2.10.7"), nil, ""},
		"a generator of values":   {"or by values", Config{Sizing: Sizing{Replicas: map[string]int64{"metrics_generator": 2}}}, distributed("2.26.2", "2.10.7"), switched("metricsGenerator"), ""},
		"a worker that is off":    {"2.x compacts without it", Config{Sizing: Sizing{Replicas: map[string]int64{"backend_worker": 2}}}, withScheduler("2.26.2", false), nil, "replicas.backend_worker has no effect"},
		"a worker of values":      {"the values enable it", Config{Sizing: Sizing{Replicas: map[string]int64{"backend_worker": 2}}}, withScheduler("2.26.2", false), switched("backendScheduler"), ""},
		"a compactor that is off": {"the scheduler has replaced it", Config{Sizing: Sizing{Replicas: map[string]int64{"compactor": 2}}}, withScheduler("2.26.2", false), switched("backendScheduler"), "replicas.compactor has no effect"},
		"no ingesters":            {"a bug of two versions", Config{}, distributed("1.13.1", "2.5.0"), nil, "creates no ingesters"},
		"fixed ingesters":         {"fixed", Config{}, distributed("1.13.2", "2.5.0"), nil, ""},
		"ingesters by zones": {"the bug is in the other case", Config{}, distributed("1.13.0", "2.5.0"),
			map[string]any{"ingester": map[string]any{"zoneAwareReplication": map[string]any{"enabled": true}}}, ""},
		"fixed release":        {"tempo 2.2.2", Config{}, helm.Chart{Name: "tempo", Version: "2.2.2", AppVersion: "2.10.6"}, nil, ""},
		"too old":              {"it has no extraEnvFrom", Config{}, helm.Chart{Name: "tempo", Version: "0.16.4", AppVersion: "1.5.0"}, nil, "too old"},
		"another chart":        {"nothing is known about it", Config{}, helm.Chart{Name: "loki", Version: "6.0.0"}, nil, "neither"},
		"prefix on 1.5":        {"Tempo parses strictly", Config{S3: S3{Prefix: "a"}}, distributed("0.27.9", "1.5.0"), nil, "s3.prefix"},
		"ingesters of 3.x":     {"there are none", Config{Kafka: &Kafka{Address: "k:9092"}, Sizing: Sizing{Replicas: map[string]int64{"ingester": 1}}}, distributed("3.3.0", "3.0.3"), nil, "replicas.ingester"},
		"too old, distributed": {"its components have extraEnvFrom, so the keys are not the reason", Config{}, distributed("0.26.9", "1.5.0"), nil, "0.27.0 is the first that this module knows"},
		"too old, no envFrom":  {"a variable could hold a key, but not a whole Secret", Config{}, monolithicChart("0.16.0", "1.5.0"), nil, "it has no tempo.extraEnvFrom"},
		"volumes of 3.x": {"its chart has no key for them", Config{Persistence: &Persistence{Size: "10Gi"}, Kafka: &Kafka{Address: "k:9092"}}, distributed("3.3.0", "3.0.3"), nil,
			"persistence has no effect"},
		"volumes of the first 3.x":     {"before the chart is read", Config{Persistence: &Persistence{Size: "10Gi"}, Kafka: &Kafka{Address: "k:9092"}}, distributed("3.0.0", ""), nil, "persistence has no effect"},
		"volume of a generator of 3.x": {"the only volume", Config{Persistence: &Persistence{Size: "10Gi"}, Kafka: &Kafka{Address: "k:9092"}, MetricsGenerator: derive("span-metrics")}, distributed("3.3.0", "3.0.3"), nil, ""},
		"volumes of 2.x":               {"its ingesters have them", Config{Persistence: &Persistence{Size: "10Gi"}}, distributed("2.26.2", "2.10.7"), nil, ""},
		"volume of the single, 3":      {"it has one", Config{Persistence: &Persistence{Size: "10Gi"}}, monolithicChart("3.0.0", "3.0.3"), nil, ""},
		"retention, 0.16.5":            {"the chart misread it", Config{Retention: "72h"}, monolithicChart("0.16.5", "1.5.0"), nil, "retention has no effect"},
		"retention, 0.16.6":            {"fixed", Config{Retention: "72h"}, monolithicChart("0.16.6", "1.5.0"), nil, ""},
		"one of two processors":        {"the chart hard-codes both", Config{MetricsGenerator: derive("span-metrics")}, monolithicChart("1.18.3", "2.7.1"), nil, "processors has no effect"},
		"another processor":            {"the chart passes none on", Config{MetricsGenerator: derive("local-blocks", "service-graphs", "span-metrics")}, monolithicChart("1.10.0", "2.5.0"), nil, "processors has no effect"},
		"both processors":              {"the chart runs both, in any order", Config{MetricsGenerator: derive("span-metrics", "service-graphs")}, monolithicChart("0.16.6", "1.5.0"), nil, ""},
		"a choice of processors":       {"1.19.0 passes them on", Config{MetricsGenerator: derive("span-metrics")}, monolithicChart("1.19.0", "2.7.1"), nil, ""},
		"local-blocks on 2.1":          {"introduced in 2.2", Config{MetricsGenerator: derive("local-blocks")}, distributed("1.4.2", "2.1.1"), nil, "Tempo 2.1.1 has no processor local-blocks"},
		"local-blocks on 2.2":          {"the first with it", Config{MetricsGenerator: derive("local-blocks")}, distributed("1.5.0", "2.2.0"), nil, ""},
		"local-blocks on 3":            {"removed", Config{Kafka: &Kafka{Address: "k:9092"}, MetricsGenerator: derive("local-blocks")}, distributed("3.3.0", "3.0.3"), nil, "but not 3.0.0"},
		"local-blocks on 3, single":    {"the same in one pod", Config{MetricsGenerator: derive("local-blocks")}, monolithicChart("3.0.0", "3.0.3"), nil, "no processor local-blocks"},
		"host-info on 2.7":             {"introduced in 2.8", Config{MetricsGenerator: derive("host-info")}, distributed("1.40.0", "2.7.2"), nil, "Tempo 2.8.0 and newer"},
		"host-info on 3":               {"still supported", Config{Kafka: &Kafka{Address: "k:9092"}, MetricsGenerator: derive("host-info")}, distributed("3.3.0", "3.0.3"), nil, ""},
		"part of span-metrics on 2.1":  {"introduced in 2.2", Config{MetricsGenerator: derive("span-metrics-latency")}, distributed("1.4.2", "2.1.1"), nil, "no processor span-metrics-latency"},
		"processor by the tag":         {"the generator's own image decides", Config{MetricsGenerator: derive("local-blocks")}, distributed("1.4.2", "2.1.1"), tagOf("metricsGenerator", "2.2.4"), ""},
		"processor against the tag":    {"the generator is older than the chart's", Config{MetricsGenerator: derive("host-info")}, distributed("2.26.2", "2.10.7"), tagOf("metricsGenerator", "v2.7.2"), "Tempo 2.7.2 has no processor host-info"},
		"streaming, 1.58.0":            {"no switch yet", Config{Streaming: true}, distributed("1.58.0", "2.9.0"), nil, "streaming has no effect"},
		"streaming, 1.58.1":            {"the first", Config{Streaming: true}, distributed("1.58.1", "2.9.0"), nil, ""},
		"streaming of the single, 2.1": {"no switch yet", Config{Streaming: true}, monolithicChart("2.1.2", "2.10.4"), nil, "streaming has no effect"},
		"a major that nobody knows":    {"every major moved keys", Config{}, monolithicChart("4.0.0", "4.0.0"), nil, "newer than what this module knows"},
		"spans of the single":          {"its chart has no key for it", Config{LogReceivedSpans: true}, helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}, nil, "log_received_spans"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			test.config.Values = test.values
			err := Validate(test.config, test.chart, test.values)
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
			require.Equal(t, fault.Unsupported, fault.KindOf(err))
			require.NotEmpty(t, fault.HintOf(err), "every refusal needs a hint")
		})
	}
}

func monolithicChart(version, app string) helm.Chart {
	return helm.Chart{Name: "tempo", Version: version, AppVersion: app}
}

// switched are values that switch a component on.
func switched(component string) map[string]any {
	return map[string]any{component: map[string]any{"enabled": true}}
}

// withScheduler is a chart that has been read, with a backend scheduler.
func withScheduler(version string, on bool) helm.Chart {
	return helm.Chart{Name: "tempo-distributed", Version: version, AppVersion: "2.10.7", Defaults: map[string]any{"backendScheduler": map[string]any{"enabled": on}}}
}
