// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempo provides a client for Grafana Tempo: it finds the endpoints, sends
// spans and looks up traces.
package tempo

import (
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
)

// Endpoint is one way into Tempo.
type Endpoint string

// The endpoints. All but Query are receivers of spans.
const (
	OTLPgRPC            Endpoint = "otlp_grpc"
	OTLPHTTP            Endpoint = "otlp_http"
	Zipkin              Endpoint = "zipkin"
	JaegerGRPC          Endpoint = "jaeger_grpc"
	JaegerThriftBinary  Endpoint = "jaeger_thrift_binary"
	JaegerThriftCompact Endpoint = "jaeger_thrift_compact"
	JaegerThriftHTTP    Endpoint = "jaeger_thrift_http"
	OpenCensus          Endpoint = "opencensus"
	Query               Endpoint = "query"
)

// Receivers are the endpoints that take spans.
var Receivers = []Endpoint{OTLPgRPC, OTLPHTTP, Zipkin, JaegerGRPC, JaegerThriftBinary, JaegerThriftCompact, JaegerThriftHTTP, OpenCensus}

// port tells how an endpoint is found among the ports of a Service and how its
// clients want its address. The port's name decides; its number does where the
// chart names it otherwise.
type port struct {
	endpoint Endpoint
	// names end with one of these.
	names []string
	// number is the protocol's usual one.
	number int32
	// web is true for HTTP, whose address is a URL; others have host:port.
	web bool
	// path is that of the protocol, which its clients post to.
	path string
}

// address is how clients of the endpoint take it.
func (p port) address(host string, number int32) string {
	address := fmt.Sprintf("%s:%d", host, number) + p.path
	if p.web {
		return "http://" + address
	}
	return address
}

// receivers are the ports of the distributor, or of the one Service of the
// monolithic chart. Names are those of the charts' own Services
// (tempo-distributed 0.27.9 to 3.3.0, tempo 0.16.6 to 2.2.4); the paths are
// those of the protocols.
var receivers = []port{
	{OTLPgRPC, []string{"distributor-otlp", "tempo-otlp"}, 4317, false, ""},
	{OTLPHTTP, []string{"otlp-http"}, 4318, true, "/v1/traces"},
	{Zipkin, []string{"zipkin"}, 9411, true, "/api/v2/spans"},
	{JaegerGRPC, []string{"distributor-jaeger", "tempo-jaeger"}, 14250, false, ""},
	{JaegerThriftBinary, []string{"thrift-binary"}, 6832, false, ""},
	{JaegerThriftCompact, []string{"thrift-compact"}, 6831, false, ""},
	{JaegerThriftHTTP, []string{"thrift-http"}, 14268, true, "/api/traces"},
	{OpenCensus, []string{"opencensus"}, 55678, false, ""},
}

var query = port{Query, []string{"http-metrics", "prom-metrics"}, 3200, true, ""}

// Endpoints reads the addresses from the Services of a release. Each is written
// as its clients take it: host:port, or a URL with the protocol's path. A port
// counts only when enabled has its receiver, since the monolithic chart's
// Service shows ports that nothing listens on; nil enables all.
func Endpoints(services []core.Service, domain string, enabled []Endpoint) map[Endpoint]string {
	found := map[Endpoint]string{}
	for _, service := range services {
		host := fmt.Sprintf("%s.%s.svc.%s", service.Name, service.Namespace, domain)
		if takesSpans(service) {
			add(found, service, host, receivers, enabled)
		}
		if answersQueries(service) {
			add(found, service, host, []port{query}, nil)
		}
	}
	return found
}

func add(found map[Endpoint]string, service core.Service, host string, ports []port, enabled []Endpoint) {
	for _, port := range ports {
		number := port.in(service)
		if number == 0 || (enabled != nil && !slices.Contains(enabled, port.endpoint)) {
			continue
		}
		found[port.endpoint] = port.address(host, number)
	}
}

// in returns the number of the Service's port for this endpoint, or 0.
func (p port) in(service core.Service) int32 {
	for _, candidate := range service.Spec.Ports {
		if slices.ContainsFunc(p.names, func(end string) bool { return strings.HasSuffix(candidate.Name, end) }) {
			return candidate.Port
		}
	}
	for _, candidate := range service.Spec.Ports {
		if candidate.Port == p.number {
			return candidate.Port
		}
	}
	return 0
}

// componentLabel distinguishes the components of the microservices chart. The
// monolithic chart's Service has none.
const componentLabel = "app.kubernetes.io/component"

func takesSpans(service core.Service) bool     { return front(service, "distributor") }
func answersQueries(service core.Service) bool { return front(service, "query-frontend") }

// front reports whether clients talk to this Service: the headless ones are for
// Tempo's own parts.
func front(service core.Service, component string) bool {
	label := service.Labels[componentLabel]
	return service.Spec.ClusterIP != core.ClusterIPNone && (label == component || label == "")
}
