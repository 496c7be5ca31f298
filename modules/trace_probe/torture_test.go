// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// Whatever breaks between the probe and Tempo, Loki, Grafana, Traefik and the
// receivers, the chain is proven, or the hop is named and the next run proves it.
// Ten that start at once prove it ten times.
func TestTorture(t *testing.T) {
	t.Parallel()
	suite := torture.Suite{Name: "trace_probe", New: func(t *testing.T) torture.Scene {
		w := newWorld(t, broken{})
		servers := map[string]torture.Server{}
		before := func(name, target string) string {
			proxy := testkit.NewProxy(t, target)
			servers[name] = proxy
			return proxy.URL
		}
		task := w.task()
		endpoints := task.Options["endpoints"].(map[string]any)
		endpoints["query"] = before("Tempo", w.tempo.URL)
		endpoints["otlp_http"] = before("OTLP", w.otlp.URL) + "/v1/traces"
		endpoints["zipkin"] = before("Zipkin", w.zipkin.URL) + "/api/v2/spans"
		task.Options["ingress_url"] = before("Traefik", w.traefik.URL)
		task.Options["grafana_url"] = before("Grafana", w.grafana.URL)
		return torture.Scene{Task: task, Short: map[string]any{"wait_timeout": "5s"}, Servers: servers, Reads: true}
	}}
	suite.Run(t)
	t.Run("ten at once", suite.TenAtOnce)
}
