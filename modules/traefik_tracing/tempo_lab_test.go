//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The monolithic chart's Service has Zipkin's port whether or not Tempo has the
// receiver: Traefik v2 is given it only if Tempo's configuration has it.
func TestTraefikV2WithMonolithicTempo(t *testing.T) {
	t.Parallel()
	receiver := func(settings any) map[string]any {
		return map[string]any{"tempo": map[string]any{"receivers": map[string]any{"zipkin": settings}}}
	}
	cases := map[string]struct {
		reason  string
		traefik string
		values  map[string]any
		fails   string
	}{
		"as it comes": {"the receiver is off by default", "27.0.201+up27.0.2", nil,
			"not_found: Traefik 2.10.11 needs Tempo's receiver zipkin: Tempo's Service shows the port, but tempo.yaml of ConfigMap NAMESPACE/tempo has no receiver there that other pods reach"},
		"without an address": {"localhost of the pod, from Tempo 2.7 on", "27.0.201+up27.0.2", receiver(map[string]any{}),
			"not_found: Traefik 2.10.11 needs Tempo's receiver zipkin"},
		"with an address": {"as the role tempo writes it", "27.0.201+up27.0.2", receiver(map[string]any{"endpoint": "0.0.0.0:9411"}), ""},
		"Traefik v3":      {"it sends by OTLP, which is on by default", "39.0.701+up39.0.7", nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, c.traefik, "", nil)
			l.installTempo(t, c.values)
			task := l.task(map[string]any{"endpoints": nil, "tempo_namespace": l.namespace})
			l.Requests()
			if c.fails != "" {
				require.Contains(t, testkit.Failed(t, task.Apply(t)), l.named(c.fails), c.reason)
				require.Empty(t, testkit.KubeWrites(l.Requests()))
				return
			}
			testkit.FourRuns(t, task)
			l.Requests()
			testkit.Unchanged(t, task.Apply(t))
			require.LessOrEqual(t, len(l.Requests()), 5, "a run with nothing to do asks for no configuration")
		})
	}
}

// If the configuration is not where the chart puts it, that uncertainty is
// reported.
func TestTempoWithAForeignConfiguration(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.install(t, "27.0.201+up27.0.2", "", nil)
	l.tempo(t, map[string]string{}, 9411)
	result := testkit.Changed(t, l.task(map[string]any{"endpoints": nil, "tempo_namespace": l.namespace}).Apply(t))
	require.Equal(t, []any{l.named("HelmChartConfig NAMESPACE/NAME: it is not known whether Tempo NAMESPACE/tempo takes the spans: no ConfigMap of release NAMESPACE/tempo has a file tempo.yaml")}, result["warnings"])
}
