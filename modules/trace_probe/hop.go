// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/tempo"
)

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
	Ingress      Hop = "ingress"
	Traefik      Hop = "traefik"
	Application  Hop = "application"
	AccessLog    Hop = "access_log"
	DerivedField Hop = "derived_field"
	Grafana      Hop = "grafana"
)

// titles say what a hop is.
var titles = map[Hop]string{
	Query: "Tempo's query frontend", OTLPgRPC: "OTLP over gRPC", OTLPHTTP: "OTLP over HTTP", Zipkin: "Zipkin", Search: "search in Tempo",
	Ingress: "request through Traefik", Traefik: "Traefik's span", Application: "spans of the application", AccessLog: "access log in Loki",
	DerivedField: "link from the log", Grafana: "trace in Grafana",
}

// receivers are those that can be proved, in the order in which they are.
var receivers = []Hop{OTLPgRPC, OTLPHTTP, Zipkin}

// query is the endpoint that traces are looked for at.
const query = string(tempo.Query)

// needs are the hops without which another one proves nothing. For a list, one
// of them is enough.
var needs = map[Hop][]Hop{
	OTLPgRPC: {Query}, OTLPHTTP: {Query}, Zipkin: {Query}, Search: receivers,
	Traefik: {Ingress}, Application: {Traefik}, AccessLog: {Ingress}, DerivedField: {AccessLog}, Grafana: append([]Hop{Traefik}, receivers...),
}

func receiverNames() []string {
	var names []string
	for _, hop := range receivers {
		names = append(names, string(hop))
	}
	return names
}

func isReceiver(hop Hop) bool { return slices.Contains(receivers, hop) }
