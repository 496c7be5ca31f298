// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func service(name, namespace, component, port string, number int32) core.Service {
	return core.Service{
		ObjectMeta: meta.ObjectMeta{Name: name, Namespace: namespace, Labels: map[string]string{
			"app.kubernetes.io/instance": name[:4], "app.kubernetes.io/component": component}},
		Spec: core.ServiceSpec{ClusterIP: "10.43.0.1", Ports: []core.ServicePort{{Name: port, Port: number}}},
	}
}

func TestAddressesInTheCluster(t *testing.T) {
	headless := service("loki-headless", "logging", "", "http-metrics", 3100)
	headless.Spec.ClusterIP = core.ClusterIPNone
	tests := map[string]struct {
		reason, kind string
		services     []core.Service
		want, says   string
	}{
		"loki's gateway": {"port 80 is left out, as the seed procedure does", "loki", []core.Service{service("loki-read", "logging", "read", "http-metrics", 3100), service("loki-gateway", "logging", "gateway", "http", 80)},
			"http://loki-gateway.logging.svc.cluster.local", ""},
		"loki in one": {"without a gateway; the headless Service is for Loki's own parts", "loki", []core.Service{headless, service("loki", "logging", "single-binary", "http-metrics", 3100)},
			"http://loki.logging.svc.cluster.local:3100", ""},
		"tempo": {"the port comes from the Service", "tempo", []core.Service{service("tempo-query-frontend", "tracing", "query-frontend", "http-metrics", 3200)},
			"http://tempo-query-frontend.tracing.svc.cluster.local:3200", ""},
		"none":  {"nothing runs", "loki", nil, "", "no release in the cluster answers queries"},
		"other": {"a part that takes no queries", "loki", []core.Service{service("loki-canary", "logging", "canary", "http-metrics", 3500)}, "", "no release in the cluster answers queries"},
		"two": {"nobody can tell which", "loki", []core.Service{service("loki-gateway", "a", "gateway", "http", 80), service("loki-gateway", "b", "gateway", "http", 80)},
			"", "there are 2 in the cluster: a/loki, b/loki"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := theOne(tc.services, Kinds()[tc.kind].address)
			require.Equal(t, tc.want, got, tc.reason)
			if tc.says != "" {
				require.EqualError(t, err, tc.says, tc.reason)
			}
		})
	}
}
