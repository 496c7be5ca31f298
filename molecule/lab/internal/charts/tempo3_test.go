// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestOnePodOfTempo3 compares tempo.yaml with the real chart's own unit tests (charts/tempo/tests/configmap_test.yaml) and README.
func TestOnePodOfTempo3(t *testing.T) {
	const scheduler, worker = "backend_scheduler.provider.compaction.compaction.block_retention", "backend_worker.compaction.block_retention"
	tests := map[string]struct {
		reason, version, values, path string
		want                          any
	}{
		"no ingester":            {"removed in Tempo 3", "3.0.0", "{}", "ingester", nil},
		"no compactor":           {"removed in Tempo 3", "3.0.0", "{}", "compactor", nil},
		"retention":              {"its new key", "3.0.0", "{tempo: {retention: 72h}}", scheduler, "72h"},
		"retention, worker":      {"the worker ignores it", "3.1.0", "{tempo: {retention: 72h}}", "backend_worker", nil},
		"retention, worker told": {"fixed in 3.1.1", "3.1.1", "{tempo: {retention: 72h}}", worker, "72h"},
		"scheduler wins":         {"over the one key", "3.1.1", "{tempo: {retention: 72h, backendScheduler: {provider: {compaction: {compaction: {block_retention: 96h}}}}}}", worker, "96h"},
		"worker wins":            {"over both", "3.1.1", "{tempo: {retention: 72h, backendWorker: {compaction: {block_retention: 96h}}}}", worker, "96h"},
		"worker by hand":         {"the way before 3.1.1", "3.0.0", "{tempo: {backendWorker: {compaction: {block_retention: 96h}}}}", worker, "96h"},
		"no live store":          {"only where it is set", "3.0.0", "{}", "live_store", nil},
		"live store":             {"where it is set", "3.0.0", "{tempo: {liveStore: {max_block_duration: 45s}}}", "live_store.max_block_duration", "45s"},
		"no traces storage":      {"local-blocks was removed", "3.0.0", "{tempo: {metricsGenerator: {enabled: true}}}", "metrics_generator.traces_storage", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cm := render(t, "tempo", tt.version, "tempo", "tracing", tt.values)["ConfigMap/tempo"]
			var config object
			require.NoError(t, yaml.Unmarshal([]byte(cm.str("data", "tempo.yaml")), &config))
			require.Equal(t, tt.want, config.at(strings.Split(tt.path, ".")...), tt.reason)
		})
	}
}
