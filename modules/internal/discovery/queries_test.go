// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

func service(name, namespace, component, port string, number int32) core.Service {
	return core.Service{
		ObjectMeta: meta.ObjectMeta{Name: name, Namespace: namespace, Labels: map[string]string{
			"app.kubernetes.io/instance": name[:4], "app.kubernetes.io/component": component}},
		Spec: core.ServiceSpec{ClusterIP: "10.43.0.1", Ports: []core.ServicePort{{Name: port, Port: number}}},
	}
}

func TestServiceURLs(t *testing.T) {
	headless := service("loki-headless", "logging", "", "http-metrics", 3100)
	headless.Spec.ClusterIP = core.ClusterIPNone
	tests := map[string]struct {
		reason, kind string
		services     []core.Service
		want, says   string
	}{
		"loki's gateway": {"port 80 is left out, as the seed procedure does", "loki", []core.Service{service("loki-read", "logging", "read", "http-metrics", 3100), service("loki-gateway", "logging", "gateway", "http", 80)},
			"http://loki-gateway.logging.svc.cluster.local", ""},
		"loki in one": {"without a gateway; the headless Service is for Loki's own components", "loki", []core.Service{headless, service("loki", "logging", "single-binary", "http-metrics", 3100)},
			"http://loki.logging.svc.cluster.local:3100", ""},
		"tempo": {"the port comes from the Service", "tempo", []core.Service{service("tempo-query-frontend", "tracing", "query-frontend", "http-metrics", 3200)},
			"http://tempo-query-frontend.tracing.svc.cluster.local:3200", ""},
		"none":  {"nothing runs", "loki", nil, "", "no release in the cluster answers queries"},
		"other": {"a component that takes no queries", "loki", []core.Service{service("loki-canary", "logging", "canary", "http-metrics", 3500)}, "", "no release in the cluster answers queries"},
		"two": {"it is ambiguous", "loki", []core.Service{service("loki-gateway", "a", "gateway", "http", 80), service("loki-gateway", "b", "gateway", "http", 80)},
			"", "there are 2 in the cluster: a/loki, b/loki"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Release{}.only(tc.services, Kinds()[tc.kind].address)
			require.Equal(t, tc.want, got, tc.reason)
			if tc.says != "" {
				require.EqualError(t, err, tc.says, tc.reason)
			}
		})
	}
}

// services is an API server with Services, which are listed by the labels that are
// asked for.
type services []core.Service

func (s services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found := core.ServiceList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "ServiceList"}}
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	for _, service := range s {
		if err == nil && selector.Matches(labels.Set(service.Labels)) {
			found.Items = append(found.Items, service)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(found)
}

func (s services) reader(t *testing.T) kube.Reader {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	clients, err := kube.NewClients(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return clients.Reader()
}

// labelled is a Service of the name, on the port of Tempo or Loki.
func labelled(name string, port int32, with map[string]string) core.Service {
	made := service(name, "observe", "", "http-metrics", port)
	made.Labels = with
	return made
}

func TestChartsWithNameOverride(t *testing.T) {
	grafana := labelled("grafana", 80, map[string]string{"app.kubernetes.io/name": "grafana", "helm.sh/chart": "grafana-9.4.0", "app.kubernetes.io/instance": "grafana"})
	tests := map[string]struct {
		reason, kind string
		services     services
		want         string
	}{
		"tempo": {"nameOverride changes the label", "tempo", services{grafana, labelled("traces", 3200, map[string]string{
			"app.kubernetes.io/name": "traces", "app.kubernetes.io/instance": "traces", "helm.sh/chart": "tempo-2.2.4"})}, "http://traces.observe.svc.cluster.local:3200"},
		"loki": {"nameOverride changes the label", "loki", services{grafana, labelled("logs", 3100, map[string]string{
			"app.kubernetes.io/name": "logs", "app.kubernetes.io/instance": "logs", "helm.sh/chart": "loki-6.30.0"})}, "http://logs.observe.svc.cluster.local:3100"},
		"loki-stack": {"it uses older labels", "loki", services{grafana, labelled("loki", 3100, map[string]string{"app": "loki", "chart": "loki-2.16.0", "release": "loki"})},
			"http://loki.observe.svc.cluster.local:3100"},
		"others": {"their chart names start the same", "loki", services{grafana, labelled("loki-canary", 3500, map[string]string{"helm.sh/chart": "loki-canary-0.10.0"})}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Kinds()[tc.kind].Address(t.Context(), tc.services.reader(t), Release{})
			require.Equal(t, tc.want, got, tc.reason)
			require.Equal(t, tc.want == "", err != nil)
		})
	}
	found, err := TempoServices(t.Context(), services{grafana, labelled("traces", 3200, map[string]string{
		"app.kubernetes.io/name": "traces", "app.kubernetes.io/instance": "traces", "helm.sh/chart": "tempo-2.2.4"})}.reader(t), "observe", "traces")
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// A task that names a Tempo gets that one, or is told where another one is.
func TestTempoThatIsMeant(t *testing.T) {
	in := func(namespace, release string, labels map[string]string) core.Service {
		made := service("tempo", namespace, "", "tempo-prom-metrics", 3200)
		made.Labels = labels
		made.Labels[kube.InstanceLabel] = release
		return made
	}
	usual := func(namespace, release string) core.Service {
		return in(namespace, release, map[string]string{"app.kubernetes.io/name": "tempo"})
	}
	renamed := func(namespace, release string) core.Service {
		return in(namespace, release, map[string]string{"app.kubernetes.io/name": "traces", "helm.sh/chart": "tempo-2.2.4"})
	}
	at := func(namespace string) string { return "http://tempo." + namespace + ".svc.cluster.local:3200" }
	tests := map[string]struct {
		reason         string
		there          services
		meant          Release
		want           string
		fails, further string
	}{
		"there, one of two":     {"the other one is not meant", services{usual("a", "tempo"), usual("b", "tempo")}, Release{"b", "tempo"}, at("b"), "", ""},
		"nameOverride":          {"the other one has the usual label, which is looked for first", services{usual("a", "tempo"), renamed("b", "traces")}, Release{"b", "traces"}, at("b"), "", ""},
		"namespace alone":       {"its only release", services{usual("a", "tempo"), usual("b", "mine")}, Release{Namespace: "b"}, at("b"), "", ""},
		"release alone":         {"wherever it is", services{usual("a", "tempo"), usual("b", "mine")}, Release{Name: "mine"}, at("b"), "", ""},
		"elsewhere":             {"it is not taken", services{usual("b", "tempo")}, Release{"a", "tempo"}, "", "conflict", "no release tempo in namespace a answers queries, but there is b/tempo"},
		"elsewhere, renamed":    {"the same", services{renamed("b", "traces")}, Release{"a", "tempo"}, "", "conflict", "no release tempo in namespace a answers queries, but there is b/traces"},
		"another release":       {"in the same namespace", services{usual("a", "mine")}, Release{"a", "tempo"}, "", "conflict", "no release tempo in namespace a answers queries, but there is a/mine"},
		"two elsewhere":         {"both are named", services{usual("c", "tempo"), usual("b", "tempo")}, Release{Namespace: "a"}, "", "conflict", "no release in namespace a answers queries, but there is b/tempo, c/tempo"},
		"release, elsewhere":    {"of another name", services{usual("b", "tempo")}, Release{Name: "mine"}, "", "conflict", "no release mine in the cluster answers queries, but there is b/tempo"},
		"two in the namespace":  {"it is ambiguous", services{usual("a", "x"), usual("a", "y")}, Release{Namespace: "a"}, "", "conflict", "there are 2 of them: a/x, a/y"},
		"none":                  {"there is none to be confused with", nil, Release{"a", "tempo"}, "", "not_found", "no release tempo in namespace a answers queries"},
		"nothing is meant, one": {"the only one", services{usual("b", "tempo")}, Release{}, at("b"), "", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Kinds()["tempo"].Address(t.Context(), tc.there.reader(t), tc.meant)
			require.Equal(t, tc.want, got, tc.reason)
			if tc.fails == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tc.further, tc.reason)
			require.Equal(t, tc.fails, string(fault.KindOf(err)))
		})
	}
}
