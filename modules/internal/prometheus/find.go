// SPDX-License-Identifier: AGPL-3.0-or-later

// Package prometheus finds the Prometheus of a cluster, and asks whether it accepts
// metrics by remote write.
package prometheus

import (
	"context"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Cluster is where Find looks.
type Cluster interface {
	Service(ctx context.Context, namespace, name string) (*core.Service, error)
	FindServices(ctx context.Context, selector, doing string) ([]core.Service, error)
	GetFromService(ctx context.Context, at kube.ServicePort, path string) (status int, text string, err error)
}

// Server is a Prometheus in the cluster.
type Server struct {
	kube.ServicePort
	// Operated reports whether Prometheus Operator runs it.
	Operated bool
}

// String names its Service.
func (s Server) String() string { return s.Namespace + "/" + s.Service }

// WriteURL is its remote-write endpoint, as seen from inside the cluster.
func (s Server) WriteURL() string {
	return fmt.Sprintf("http://%s.%s.svc.%s:%d/api/v1/write", s.Service, s.Namespace, kube.ClusterDomain, s.Port)
}

// operated labels the Service that Prometheus Operator makes for every server
// (prometheus-operator, pkg/prometheus/server/statefulset.go, makeStatefulSetService).
const operated = "operated-prometheus"

// selectors find the Services of servers, best first: those of charts prometheus
// and of kube-prometheus, and the operator's own (kube-prometheus-stack).
var selectors = []string{"app.kubernetes.io/name=prometheus", operated + "=true"}

// Find returns the only Prometheus in the cluster, or the one named as
// NAMESPACE/SERVICE.
func Find(ctx context.Context, cluster Cluster, named string) (Server, error) {
	if named != "" {
		return byName(ctx, cluster, named)
	}
	for _, selector := range selectors {
		services, err := cluster.FindServices(ctx, selector, "look for Prometheus among the Services of the cluster")
		if err != nil {
			return Server{}, err
		}
		if found := serversIn(services); len(found) > 0 {
			return onlyServer(found)
		}
	}
	return Server{}, fault.New(fault.NotFound, "install one, name its Service in prometheus, or give metrics_generator.remote_write_url of another server",
		"find Prometheus: no Service in the cluster is labelled as one")
}

func byName(ctx context.Context, cluster Cluster, named string) (Server, error) {
	namespace, name, _ := strings.Cut(named, "/")
	service, err := cluster.Service(ctx, namespace, name)
	switch {
	case err != nil:
		return Server{}, err
	case service == nil:
		return Server{}, fault.New(fault.NotFound, "correct prometheus, which is NAMESPACE/SERVICE", "find Prometheus: there is no Service %s", named)
	}
	port := webPort(*service)
	if port == 0 {
		return Server{}, fault.New(fault.NotFound, "name the Service of the server itself", "find Prometheus: Service %s has no port for HTTP", named)
	}
	return serverOf(*service, port), nil
}

func onlyServer(found []Server) (Server, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	var names []string
	for _, server := range found {
		names = append(names, server.String())
	}
	slices.Sort(names)
	return Server{}, fault.New(fault.Conflict, "say which one with prometheus", "find Prometheus: there are %d: %s", len(found), strings.Join(names, ", "))
}

// components are what charts call the server itself.
var components = []string{"", "server", "prometheus"}

func serversIn(services []core.Service) (found []Server) {
	for _, service := range services {
		headless := service.Spec.ClusterIP == core.ClusterIPNone && service.Labels[operated] == ""
		port := webPort(service)
		if headless || port == 0 || !slices.Contains(components, service.Labels[kube.ComponentLabel]) {
			continue
		}
		found = append(found, serverOf(service, port))
	}
	return found
}

func serverOf(service core.Service, port int32) Server {
	at := kube.ServicePort{Namespace: service.Namespace, Service: service.Name, Port: port}
	byOperator := service.Labels[operated] != "" || strings.HasPrefix(service.Labels["app"], "kube-prometheus-stack") ||
		service.Labels["app.kubernetes.io/part-of"] == "kube-prometheus"
	return Server{ServicePort: at, Operated: byOperator}
}

// webPort is the port with the HTTP API; others are those of sidecars.
func webPort(service core.Service) int32 {
	for _, port := range service.Spec.Ports {
		if slices.Contains([]string{"web", "http-web", "http"}, port.Name) {
			return port.Port
		}
	}
	for _, port := range service.Spec.Ports {
		if port.Port == 9090 || len(service.Spec.Ports) == 1 {
			return port.Port
		}
	}
	return 0
}
