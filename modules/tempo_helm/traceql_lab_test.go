// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// configOf is the tempo.yaml that a release wrote into a ConfigMap.
func (l lab) configOf(t *testing.T, name string) (config map[string]any) {
	t.Helper()
	found, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(t.Context(), name, meta.GetOptions{})
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal([]byte(found.Data["tempo.yaml"]), &config))
	return config
}

// The queries of Traces Drilldown work with a default install.
func TestTraceQLMetricsByDefault(t *testing.T) {
	t.Parallel()
	processors := []string{"overrides", "defaults", "metrics_generator", "processors"}
	t.Run("many pods of 2", func(t *testing.T) {
		lab := newLab(t)
		task := lab.task(t, map[string]any{"mode": "microservices", "chart_version": "2.26.2", "resources": "raspberrypi"})
		testkit.FourRuns(t, task)
		lab.ready(t, 5, 2)
		config := lab.configOf(t, "tempo-config")
		require.Equal(t, []any{"local-blocks"}, helm.Lookup(config, processors...))
		require.Empty(t, helm.Lookup(config, "metrics_generator", "storage", "remote_write"), "nothing is sent anywhere")
		require.Equal(t, false, helm.Lookup(config, "metrics_generator", "processor", "local_blocks", "filter_server_spans"))
		testkit.Changed(t, task.With(map[string]any{"traceql_metrics": false}).Apply(t))
		lab.ready(t, 4, 2)
	})
	t.Run("one pod of 2", func(t *testing.T) {
		lab := newLab(t)
		testkit.FourRuns(t, lab.task(t, nil))
		require.Equal(t, []any{"local-blocks"}, helm.Lookup(lab.configOf(t, "tempo"), processors...))
	})
	t.Run("one pod of 3", func(t *testing.T) {
		lab := newLab(t)
		testkit.FourRuns(t, lab.task(t, map[string]any{"chart_version": "3.0.0"}))
		require.Nil(t, helm.Lookup(lab.configOf(t, "tempo"), "metrics_generator"), "nothing is needed")
	})
}
