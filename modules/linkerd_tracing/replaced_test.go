// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

// Replaced settings of the user are named, and so is a Jaeger that is removed.
func TestReplacedSettingsAreNamed(t *testing.T) {
	const restart = "pods that are in the mesh already send traces as they did until they are restarted: kubectl -n NAMESPACE rollout restart deployment"
	cases := map[string]struct {
		reason, version string
		values          tree
		want            []string
	}{
		"another collector": {"by name", "edge-26.8.3", tree{"proxy": tree{"tracing": tree{"enabled": true, "collector": tree{"endpoint": "old.example:4317"}}}},
			[]string{"release linkerd/lp: your settings are replaced until state: absent restores them: proxy.tracing.collector.endpoint old.example:4317 becomes tempo-distributor.tracing.svc.cluster.local:4317", restart}},
		"none": {"no user settings", "edge-26.8.3", tree{}, []string{restart}},
		"a Jaeger": {"the chart's default", "edge-24.11.8", tree{},
			[]string{"release linkerd/lp: the extension's own collector and Jaeger are switched off, and the traces that this Jaeger holds are lost", restart}},
		"no Jaeger": {"the user has disabled it", "edge-24.11.8", tree{"jaeger": tree{"enabled": false}}, []string{restart}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			have := mesh(t, c.version)
			have.Release.Values, have.Release.Chart = c.values, helm.Chart{Defaults: tree{"jaeger": tree{"enabled": true}}}
			got, err := planned(wanted(), have)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Warnings, c.reason)
		})
	}
}
