// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Hop is one leg of the way of a trace, by its name in results.
type Hop string

// The hops, in the order of the way. Those of the receivers have the names of
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

// receivers are those that can be proved, in the order in which they are.
var receivers = []Hop{OTLPgRPC, OTLPHTTP, Zipkin}

// query is the endpoint that traces are looked for at.
const query = string(tempo.Query)

func receiverNames() []string {
	var names []string
	for _, hop := range receivers {
		names = append(names, string(hop))
	}
	return names
}

// State is what is there, or which hops are wanted.
type State struct {
	// Hops are those that are wanted, in the order of the way. The receivers are
	// among them where the task names them.
	Hops []Hop
	// Chosen is true when the task names the receivers.
	Chosen bool
	// Endpoints are how Tempo is reached, by the names of tempo.Endpoint.
	Endpoints map[string]string
	// Tempo is the version of the query frontend; "" where it does not say.
	Tempo string
	// Others are the versions of what is around it, by names such as traefik, as
	// far as they could be read.
	Others map[string]string
	// Logs and Traces are Grafana's data sources.
	Logs, Traces *grafana.Source
	// Trouble is why a hop cannot be gone, as far as reading tells.
	Trouble map[Hop]error
}

// Desired lists the hops that the options ask for.
func (m *Module) Desired(args Args) (State, error) {
	want := State{Hops: []Hop{Query}, Chosen: len(args.Receivers) > 0}
	for _, hop := range receivers {
		if slices.Contains(args.Receivers, string(hop)) {
			want.Hops = append(want.Hops, hop)
		}
	}
	for _, more := range []struct {
		hop  Hop
		when bool
	}{
		{Search, true}, {Ingress, args.through()}, {Traefik, args.through()}, {Application, args.through() && len(args.Services) > 0},
		{AccessLog, args.logged()}, {DerivedField, args.linked()}, {Grafana, args.GrafanaURL != ""},
	} {
		if more.when {
			want.Hops = append(want.Hops, more.hop)
		}
	}
	return want, nil
}

// versions are those that were found.
func (s State) versions() map[string]any {
	found := map[string]any{}
	if s.Tempo != "" {
		found["tempo"] = s.Tempo
	}
	for name, version := range s.Others {
		found[name] = version
	}
	return found
}
