// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

func tempoService(release, name string, ports map[string]int32) core.Service {
	service := core.Service{ObjectMeta: meta.ObjectMeta{Namespace: "tracing", Name: name, Labels: map[string]string{
		"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": release, "app.kubernetes.io/component": "distributor", "app.kubernetes.io/version": "2.9.0"}}}
	for port, number := range ports {
		service.Spec.Ports = append(service.Spec.Ports, core.ServicePort{Name: port, Port: number, Protocol: core.ProtocolTCP})
	}
	return service
}

func TestFindTempo(t *testing.T) {
	cases := map[string]struct {
		reason   string
		services []core.Service
		want     Tempo
		fails    string
	}{
		"today's names": {"of the microservices chart", []core.Service{tempoService("tempo", "tempo-distributor", map[string]int32{"grpc-otlp": 4317, "otlp-http": 4318, "distributor-zipkin": 9411})},
			Tempo{Namespace: "tracing", Name: "tempo", Version: "2.9.0", Receivers: map[string]string{
				"otlp_grpc": "tempo-distributor.tracing.svc.cluster.local:4317", "otlp_http": "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces",
				"zipkin": "http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans"}}, ""},
		"one Service": {"of the monolithic chart, whose ports prove nothing", []core.Service{monolithicService("tempo")},
			Tempo{Namespace: "tracing", Name: "tempo", Version: "2.10.8", Single: true, Receivers: map[string]string{
				"zipkin": "http://tempo.tracing.svc.cluster.local:9411/api/v2/spans"}}, ""},
		"nothing": {"the task can give an endpoint", nil, Tempo{}, ""},
		"two": {"the error names both", []core.Service{tempoService("a", "a-distributor", map[string]int32{"grpc-otlp": 4317}), tempoService("b", "b-distributor", map[string]int32{"grpc-otlp": 4317})},
			Tempo{}, "find Tempo: there are 2: tracing/a, tracing/b"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found, err := tempoOf(c.services)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				require.Equal(t, fault.Conflict, fault.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, found, c.reason)
		})
	}
}

func monolithicService(release string) core.Service {
	service := tempoService(release, release, map[string]int32{"tempo-zipkin": 9411})
	service.Labels = map[string]string{"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": release, "app.kubernetes.io/version": "2.10.8"}
	return service
}
