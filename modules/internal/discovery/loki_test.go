// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

func TestLokiForOTLP(t *testing.T) {
	of := func(version string, services ...core.Service) []core.Service {
		for i := range services {
			services[i].Labels[kube.VersionLabel] = version
		}
		return services
	}
	gateway := func() core.Service { return service("loki-gateway", "logging", "gateway", "http", 80) }
	read := func() core.Service { return service("loki-read", "logging", "read", "http-metrics", 3100) }
	write := func() core.Service { return service("loki-write", "logging", "write", "http-metrics", 3100) }
	cases := map[string]struct {
		reason   string
		services []core.Service
		want     string
		says     string
	}{
		"gateway":   {"it routes OTLP", of("3.7.8", read(), gateway()), "http://loki-gateway.logging.svc.cluster.local/otlp/v1/logs", ""},
		"write":     {"queriers take no logs", of("3.0.0", read(), write()), "http://loki-write.logging.svc.cluster.local:3100/otlp/v1/logs", ""},
		"in one":    {"a single process", of("3.7.8", service("loki", "logging", "single-binary", "http-metrics", 3100)), "http://loki.logging.svc.cluster.local:3100/otlp/v1/logs", ""},
		"no label":  {"it could be new enough", of("", gateway()), "http://loki-gateway.logging.svc.cluster.local/otlp/v1/logs", ""},
		"too old":   {"OTLP came with 3.0", of("2.9.10", gateway()), "", "Loki 2.9.10 (logging/loki) takes no logs by OTLP"},
		"only read": {"nothing takes logs", of("3.7.8", read()), "", "no Loki in the cluster takes logs"},
		"none":      {"nothing runs", nil, "", "no Loki in the cluster takes logs"},
		"two":       {"it is ambiguous", of("3.7.8", gateway(), service("loki", "other", "single-binary", "http-metrics", 3100)), "", "find Loki: there are 2: logging/loki, other/loki"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := lokiForOTLP(c.services)
			require.Equal(t, c.want, got, c.reason)
			if c.says != "" {
				require.EqualError(t, err, c.says, c.reason)
			}
		})
	}
}
