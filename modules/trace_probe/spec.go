// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Spec is what is to be proved.
type Spec struct {
	Args
	// Endpoints are those of Tempo by the names of tempo.Endpoint, with port and
	// path; empty asks its Services.
	Endpoints map[string]string
	// Hops are those that the options ask for, from the sender to Grafana. The
	// receivers are among them where the task names them; else all that Tempo has
	// are checked.
	Hops []Hop
}

// Spec lists the hops that the options ask for.
func (Module) Spec(args Args) (Spec, error) {
	spec := Spec{Args: args, Endpoints: map[string]string{}, Hops: []Hop{Query}}
	for name, value := range args.Endpoints {
		spec.Endpoints[name], _ = value.(string)
	}
	for _, hop := range receivers {
		if slices.Contains(args.Receivers, string(hop)) {
			spec.Hops = append(spec.Hops, hop)
		}
	}
	for _, more := range []struct {
		hop  Hop
		when bool
	}{
		{Search, true}, {Ingress, spec.through()}, {Traefik, spec.through()}, {Application, spec.through() && len(args.Services) > 0},
		{AccessLog, spec.logged()}, {DerivedField, spec.linked()}, {Grafana, args.GrafanaURL != ""},
		{SpanLogs, spec.linked()},
	} {
		if more.when {
			spec.Hops = append(spec.Hops, more.hop)
		}
	}
	return spec, spec.complete()
}

// complete adds port and path to the addresses that a proof uses.
func (s Spec) complete() (err error) {
	for _, name := range append([]string{query}, receiverNames()...) {
		if given := s.Endpoints[name]; given != "" && err == nil {
			s.Endpoints[name], err = tempo.Endpoint(name).Complete(given)
		}
	}
	return err
}

// Timeout bounds the whole run.
func (s Spec) Timeout() time.Duration { return s.Limit }

// grafana is the login to Grafana.
func (s Spec) grafana() grafana.Access {
	return grafana.Access{
		URL: s.GrafanaURL, User: s.GrafanaUser, Password: s.GrafanaPassword, Token: s.GrafanaToken, OrgID: s.OrgID,
		UseProxy: true, ValidateCerts: s.GrafanaValidateCerts, CACert: s.GrafanaCACert,
		Names: certificate.Names{Validate: "grafana_validate_certs", CA: "grafana_ca_cert"},
	}
}

// through reports whether a request through Traefik is part of the proof.
func (s Spec) through() bool { return s.IngressHost != "" || s.IngressURL != "" }

// logged reports whether the access log can be read.
func (s Spec) logged() bool { return s.through() && (s.LokiURL != "" || s.linked()) }

// linked reports whether Grafana's data source with the logs is part of the
// proof.
func (s Spec) linked() bool { return s.through() && s.GrafanaURL != "" && s.LokiUID != "" }

// Hop is one leg of the path of a trace, by its name in results.
type Hop string

// The hops, from the sender to Grafana. Those of the receivers have the names of
// tempo.Endpoint.
const (
	Query        Hop = "query"
	OTLPgRPC     Hop = "otlp_grpc"
	OTLPHTTP     Hop = "otlp_http"
	Zipkin       Hop = "zipkin"
	Search       Hop = "search"
	Metrics      Hop = "metrics"
	Ingress      Hop = "ingress"
	Traefik      Hop = "traefik"
	Application  Hop = "application"
	AccessLog    Hop = "access_log"
	DerivedField Hop = "derived_field"
	Grafana      Hop = "grafana"
	SpanLogs     Hop = "span_logs"
	SpanMetrics  Hop = "span_metrics"
	ServiceGraph Hop = "service_graph"
	Exemplars    Hop = "exemplars"
)

// titles say what a hop is.
var titles = map[Hop]string{
	Query: "Tempo's query frontend", OTLPgRPC: "OTLP over gRPC", OTLPHTTP: "OTLP over HTTP", Zipkin: "Zipkin", Search: "search in Tempo", Metrics: "TraceQL metrics",
	Ingress: "request through Traefik", Traefik: "Traefik's span", Application: "spans of the application", AccessLog: "access log in Loki",
	DerivedField: "link from the log", Grafana: "trace in Grafana", SpanLogs: "link from the span",
	SpanMetrics: "link from the span to metrics", ServiceGraph: "edge of the service graph", Exemplars: "link from metrics",
}

// receivers are those that can be proved, in the order in which they are.
var receivers = []Hop{OTLPgRPC, OTLPHTTP, Zipkin}

// query is the endpoint that traces are looked for at.
const query = string(tempo.Query)

// needs are the hops without which another one proves nothing. For a list, one
// of them is enough.
var needs = map[Hop][]Hop{
	OTLPgRPC: {Query}, OTLPHTTP: {Query}, Zipkin: {Query}, Search: receivers, Metrics: {Query},
	Traefik: {Ingress}, Application: {Traefik}, AccessLog: {Ingress}, DerivedField: {AccessLog}, Grafana: append([]Hop{Traefik}, receivers...), SpanLogs: {Grafana},
	SpanMetrics: {Grafana}, ServiceGraph: {Grafana}, Exemplars: {Grafana},
}

func receiverNames() []string {
	var names []string
	for _, hop := range receivers {
		names = append(names, string(hop))
	}
	return names
}

func isReceiver(hop Hop) bool { return slices.Contains(receivers, hop) }
