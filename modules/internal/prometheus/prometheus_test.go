// SPDX-License-Identifier: AGPL-3.0-or-later

package prometheus

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// cluster has Services by the selector that finds them, and one answer.
type cluster struct {
	bySelector map[string][]core.Service
	status     int
	text       string
	fails      error
	asked      []string
}

func (c *cluster) FindServices(_ context.Context, selector, _ string) ([]core.Service, error) {
	c.asked = append(c.asked, selector)
	return c.bySelector[selector], nil
}

func (c *cluster) Service(_ context.Context, namespace, name string) (*core.Service, error) {
	for _, services := range c.bySelector {
		for _, service := range services {
			if service.Namespace == namespace && service.Name == name {
				return &service, nil
			}
		}
	}
	return nil, nil
}

func (c *cluster) GetFromService(_ context.Context, at kube.ServicePort, path string) (int, string, error) {
	c.asked = append(c.asked, at.Namespace+"/"+at.Service+"/"+path)
	return c.status, c.text, c.fails
}

func service(namespace, name string, labels map[string]string, ports ...core.ServicePort) core.Service {
	return core.Service{ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}, Spec: core.ServiceSpec{ClusterIP: "10.43.0.7", Ports: ports}}
}

func port(name string, number int32) core.ServicePort {
	return core.ServicePort{Name: name, Port: number}
}

func TestFindPrometheus(t *testing.T) {
	const named, byOperator = "app.kubernetes.io/name=prometheus", "operated-prometheus=true"
	chart := service("monitoring", "prometheus-server", map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "server"}, port("http", 80))
	headless := service("monitoring", "prometheus-headless", map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "server"}, port("http", 9090))
	headless.Spec.ClusterIP = core.ClusterIPNone
	kubePrometheus := service("monitoring", "prometheus-k8s", map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "prometheus", "app.kubernetes.io/part-of": "kube-prometheus"}, port("reloader-web", 8080), port("web", 9090))
	operator := service("observed", "prometheus-operated", map[string]string{"operated-prometheus": "true"}, port("web", 9090), port("grpc", 10901))
	operator.Spec.ClusterIP = core.ClusterIPNone
	stack := service("observed", "kps-prometheus", map[string]string{"app": "kube-prometheus-stack-prometheus"}, port("http-web", 9090), port("reloader-web", 8080))
	cases := map[string]struct {
		reason, asks string
		found        map[string][]core.Service
		want         string
		operated     bool
		says, hint   string
	}{
		"chart prometheus":      {"not the headless Service beside it", "", map[string][]core.Service{named: {headless, chart}}, "http://prometheus-server.monitoring.svc.cluster.local:80/api/v1/write", false, "", ""},
		"kube-prometheus":       {"the sidecar's port is listed first", "", map[string][]core.Service{named: {kubePrometheus}}, "http://prometheus-k8s.monitoring.svc.cluster.local:9090/api/v1/write", true, "", ""},
		"kube-prometheus-stack": {"only the operator's Service has a label of its own", "", map[string][]core.Service{byOperator: {operator}}, "http://prometheus-operated.observed.svc.cluster.local:9090/api/v1/write", true, "", ""},
		"by name":               {"the stack's own Service", "observed/kps-prometheus", map[string][]core.Service{"other": {stack}}, "http://kps-prometheus.observed.svc.cluster.local:9090/api/v1/write", true, "", ""},
		"two":                   {"it is ambiguous", "", map[string][]core.Service{named: {chart, kubePrometheus}}, "", false, "find Prometheus: there are 2: monitoring/prometheus-k8s, monitoring/prometheus-server", "say which one with prometheus"},
		"none":                  {"the task requires one", "", nil, "", false, "find Prometheus: no Service in the cluster is labelled as one", "install one, name its Service in prometheus, or give metrics_generator.remote_write_url of another server"},
		"a wrong name":          {"the error names it", "monitoring/prometheus", map[string][]core.Service{named: {chart}}, "", false, "find Prometheus: there is no Service monitoring/prometheus", "correct prometheus, which is NAMESPACE/SERVICE"},
		"another part":          {"of the same chart", "", map[string][]core.Service{named: {service("monitoring", "prometheus-pushgateway", map[string]string{"app.kubernetes.io/component": "pushgateway"}, port("http", 9091))}}, "", false, "find Prometheus: no Service in the cluster is labelled as one", "install one, name its Service in prometheus, or give metrics_generator.remote_write_url of another server"},
		"no port":               {"no port speaks HTTP", "monitoring/thanos", map[string][]core.Service{"other": {service("monitoring", "thanos", nil, port("grpc", 10901), port("gossip", 10900))}}, "", false, "find Prometheus: Service monitoring/thanos has no port for HTTP", "name the Service of the server itself"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Find(t.Context(), &cluster{bySelector: c.found}, c.asks)
			if c.says != "" {
				require.EqualError(t, err, c.says, c.reason)
				require.Equal(t, c.hint, fault.HintOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got.WriteURL(), c.reason)
			require.Equal(t, c.operated, got.Operated)
		})
	}
}

func TestPrometheusAcceptsRemoteWrite(t *testing.T) {
	const closed = "Prometheus monitoring/prometheus takes no metrics by remote write, so that the service graph would stay empty"
	cases := map[string]struct {
		reason     string
		operated   bool
		status     int
		text       string
		fails      error
		says, hint string
	}{
		"it does":            {"from 2.33 on", false, 200, `{"status":"success","data":{"web.enable-remote-write-receiver":"true"}}`, nil, "", ""},
		"by a feature":       {"2.25 to 2.32", false, 200, `{"status":"success","data":{"enable-feature":"exemplar-storage,remote-write-receiver"}}`, nil, "", ""},
		"it does not":        {"the flag of the chart prometheus", false, 200, `{"status":"success","data":{"web.enable-remote-write-receiver":"false"}}`, nil, closed, "start it with --web.enable-remote-write-receiver, which is server.extraFlags: [web.enable-remote-write-receiver] in the values of chart prometheus"},
		"the operator's":     {"the field of its object", true, 200, `{"status":"success","data":{"web.enable-remote-write-receiver":"false"}}`, nil, closed, "set enableRemoteWriteReceiver: true in the spec of the Prometheus object, which is prometheus.prometheusSpec.enableRemoteWriteReceiver in the values of kube-prometheus-stack"},
		"an old one":         {"only the feature flag exists", false, 200, `{"status":"success","data":{"enable-feature":""}}`, nil, closed, "start it with --enable-feature=remote-write-receiver (2.25 to 2.32), or upgrade it"},
		"the flag is off":    {"although the obsolete feature flag is set", false, 200, `{"status":"success","data":{"enable-feature":"remote-write-receiver","web.enable-remote-write-receiver":"false"}}`, nil, closed, "start it with --web.enable-remote-write-receiver, which is server.extraFlags: [web.enable-remote-write-receiver] in the values of chart prometheus"},
		"a route prefix":     {"its API has another path", false, 404, "404 page not found", nil, "Service monitoring/prometheus answers /api/v1/status/flags with status 404, as no Prometheus without a route prefix does", "name the Service of a Prometheus in prometheus; of one with a route prefix, or of another server, give metrics_generator.remote_write_url"},
		"no Prometheus":      {"a page", false, 200, "<html>", nil, "Service monitoring/prometheus answers /api/v1/status/flags with status 200, as no Prometheus without a route prefix does", "name the Service of a Prometheus in prometheus; of one with a route prefix, or of another server, give metrics_generator.remote_write_url"},
		"it cannot be asked": {"no permission, or no pod: the run continues", false, 0, "", errors.New("forbidden"), "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			at := Server{ServicePort: kube.ServicePort{Namespace: "monitoring", Service: "prometheus", Port: 9090}, Operated: c.operated}
			unsure, err := Ask(t.Context(), &cluster{status: c.status, text: c.text, fails: c.fails}, at)
			require.Equal(t, c.fails, unsure, c.reason)
			if c.says == "" {
				require.NoError(t, err, c.reason)
				return
			}
			require.EqualError(t, err, c.says, c.reason)
			require.Equal(t, c.hint, fault.HintOf(err))
		})
	}
}
