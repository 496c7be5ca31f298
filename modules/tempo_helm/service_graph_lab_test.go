// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// One option sends Tempo's metrics to a Prometheus. This one's Service has no
// pod, so it is unknown whether it accepts them: a warning says so.
func TestServiceGraph(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, configMap string
		options           map[string]any
		processors        []string
		want              []any
	}{
		"one pod of 2": {"beside what Traces Drilldown needs", "tempo", nil, []string{"overrides", "defaults", "metrics_generator", "processors"}, []any{"service-graphs", "span-metrics", "local-blocks"}},
		"one pod of 3": {"which needs no blocks for that", "tempo", map[string]any{"chart_version": "3.0.0"}, []string{"overrides", "defaults", "metrics_generator", "processors"}, []any{"service-graphs", "span-metrics"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			lab.makeNamespace(t)
			_, err := lab.client.CoreV1().Services(lab.namespace).Create(t.Context(), &core.Service{ObjectMeta: meta.ObjectMeta{Name: "prometheus-server"},
				Spec: core.ServiceSpec{Ports: []core.ServicePort{{Name: "http", Port: 80}}}}, meta.CreateOptions{})
			require.NoError(t, err)
			task := lab.task(t, c.options).With(map[string]any{"service_graph": true, "prometheus": lab.namespace + "/prometheus-server"})

			result := testkit.FourRuns(t, task)
			require.Contains(t, fmt.Sprint(result["warnings"]), "it is not known whether Prometheus "+lab.namespace+"/prometheus-server takes metrics by remote write")
			config := lab.configOf(t, c.configMap)
			require.ElementsMatch(t, c.want, helm.Lookup(config, c.processors...), c.reason)
			require.Contains(t, fmt.Sprint(helm.Lookup(config, "metrics_generator", "storage", "remote_write")),
				"http://prometheus-server."+lab.namespace+".svc.cluster.local:80/api/v1/write")
		})
	}
}
