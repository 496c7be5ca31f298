// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Every option that sets values has an effect in what each chart renders, or is
// refused before anything is written.
func TestOptionsHaveEffectInEveryChart(t *testing.T) {
	t.Parallel()
	generator := map[string]any{"remote_write_url": "http://prometheus.monitoring:9090/api/v1/write"}
	kafka := map[string]any{"address": "kafka.kafka:9092"}
	all := map[string]any{
		"retention": "72h", "receivers": []any{"otlp_grpc", "zipkin"}, "metrics_generator": generator, "persistence": map[string]any{"size": "1Gi"},
		"usage_report": false, "resources": "raspberrypi", "node_selector": map[string]any{"kubernetes.io/os": "linux"}, "tolerations": []any{map[string]any{"key": "storage", "operator": "Exists"}},
	}
	distributed := map[string]any{"mode": "microservices", "log_received_spans": true, "replicas": map[string]any{"querier": 1, "metrics_generator": 1}}
	with := func(maps ...map[string]any) map[string]any {
		merged := map[string]any{}
		for _, options := range maps {
			for name, value := range options {
				merged[name] = value
			}
		}
		return merged
	}
	cases := map[string]struct {
		reason  string
		version string
		options map[string]any
		refused string
		warned  string
	}{
		"single 0.16.6": {"", "0.16.6", all, "", ""},
		"single 1.24.4": {"", "1.24.4", all, "", ""},
		"single 2.2.4":  {"", "2.2.4", with(all, map[string]any{"image_tag": "2.10.7", "streaming": true}), "", ""},
		"single 3.0.0":  {"", "3.0.0", with(all, map[string]any{"streaming": true}), "", ""},
		"single 3.1.1":  {"", "3.1.1", all, "", ""},
		"0.27.9":        {"", "0.27.9", with(all, distributed), "", ""},
		"1.40.0":        {"", "1.40.0", with(all, distributed), "", ""},
		"1.61.3":        {"", "1.61.3", with(all, distributed), "", ""},
		"2.17.9":        {"", "2.17.9", with(all, distributed), "", ""},
		"2.26.2":        {"", "2.26.2", with(all, distributed, map[string]any{"image_tag": "2.10.8", "streaming": true}), "", ""},
		"3.3.0":         {"the volume is the generator's", "3.3.0", with(all, distributed, map[string]any{"kafka": kafka}), "", ""},

		"volumes of 3.3.0":   {"there are no volumes", "3.3.0", map[string]any{"mode": "microservices", "kafka": kafka, "persistence": map[string]any{"size": "1Gi"}}, "persistence has no effect", ""},
		"a choice at 0.16.6": {"the chart offers no choice", "0.16.6", map[string]any{"metrics_generator": with(generator, map[string]any{"processors": []any{"span-metrics"}})}, "metrics_generator.processors has no effect", ""},
		"blocks at 3.3.0":    {"Tempo 3 has none", "3.3.0", map[string]any{"mode": "microservices", "kafka": kafka, "metrics_generator": with(generator, map[string]any{"processors": []any{"local-blocks"}})}, "has no processor local-blocks", ""},
		"search at 2.2.4":    {"it is always on", "2.2.4", map[string]any{"search": false}, "search: false has no effect", ""},
		"search at 0.16.6":   {"there is a switch", "0.16.6", map[string]any{"search": false}, "", ""},
		"workers at 2.26.2":  {"they do not run", "2.26.2", map[string]any{"mode": "microservices", "replicas": map[string]any{"backend_worker": 2}}, "replicas.backend_worker has no effect", ""},
		"opencensus, single": {"by values", "2.2.4", map[string]any{"values": map[string]any{"tempo": map[string]any{"receivers": map[string]any{"opencensus": map[string]any{"endpoint": "0.0.0.0:55678"}}}}}, "no OpenCensus receiver", ""},
		"one image of 3":     {"of one component", "2.26.2", map[string]any{"mode": "microservices", "values": map[string]any{"querier": map[string]any{"image": map[string]any{"tag": "3.0.3"}}}}, "Tempo 3.0.3 (querier) does not start", ""},
		"ingester of 3":      {"it is gone", "3.0.0", map[string]any{"values": map[string]any{"tempo": map[string]any{"ingester": map[string]any{"max_block_duration": "5m"}}}}, "", "tempo.liveStore has the settings of the live store"},
		"limits of 3":        {"in the old form", "3.0.0", map[string]any{"values": map[string]any{"tempo": map[string]any{"overrides": map[string]any{"metrics_generator_processors": []any{"span-metrics"}}}}}, "does not start with limits in the old form", ""},
		"a whole file":       {"of Tempo 2", "3.0.0", map[string]any{"values": map[string]any{"config": "compactor: {}"}}, "field compactor not found", ""},
		"blocks of 3.1":      {"Tempo 3.1 does not write them", "3.1.0", map[string]any{"values": map[string]any{"tempo": map[string]any{"storage": map[string]any{"trace": map[string]any{"block": map[string]any{"version": "vParquet3"}}}}}}, "which it cannot write", ""},
		"too old":            {"with the reason", "0.26.9", map[string]any{"mode": "microservices"}, "0.27.0 is the first that this module knows", ""},
		"values win": {"with a warning that names them", "2.26.2", map[string]any{"mode": "microservices", "retention": "72h",
			"values": map[string]any{"compactor": map[string]any{"config": map[string]any{"compaction": map[string]any{"block_retention": "24h"}}}}}, "",
			"values.compactor.config.compaction.block_retention overrides what retention says"},
		"values laid over": {"under the configuration's own keys", "2.26.2", map[string]any{"mode": "microservices", "retention": "72h",
			"values": map[string]any{"tempo": map[string]any{"structuredConfig": map[string]any{"compactor": map[string]any{"compaction": map[string]any{"block_retention": "24h"}}}}}}, "",
			"values.tempo.structuredConfig.compactor.compaction.block_retention overrides what retention says"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			result := lab.task(t, test.options).With(map[string]any{"chart_version": test.version}).Check(t)
			require.Empty(t, testkit.KubeWrites(lab.Requests()))
			if test.refused != "" {
				require.Contains(t, testkit.Failed(t, result), test.refused, test.reason)
				return
			}
			warnings := fmt.Sprint(testkit.Changed(t, result)["warnings"])
			require.Contains(t, warnings, test.warned, test.reason)
			if test.warned == "" {
				require.NotContains(t, warnings, "has no effect", test.reason)
				require.NotContains(t, warnings, "overrides the keys", test.reason)
			}
		})
	}
}
