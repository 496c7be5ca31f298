// SPDX-License-Identifier: AGPL-3.0-or-later

// Package probe is the module trace_probe: it sends traces, finds them again,
// and names the hop that loses one.
package probe

import (
	"github.com/picluster/tracing/modules/internal/converge"
)

// Module proves one chain, from the sender of a span to the link in Grafana.
type Module struct {
	survey *survey
	trip   *trip
}

var (
	_ converge.Direct[Args, State] = (*Module)(nil)
	_ converge.Telling             = (*Module)(nil)
)

// New returns a module for one run.
func New() *Module { return &Module{trip: newTrip()} }

// Result is what the trip found, hop by hop.
func (m *Module) Result(args Args, have State) map[string]any {
	result := m.Found()
	result["versions"], result["endpoints"] = have.versions(), have.Endpoints
	if args.Report != "" && m.trip.reported {
		result["report"] = args.Report
	}
	return result
}

// Found is what a failed run still has to tell.
func (m *Module) Found() map[string]any {
	hops := []map[string]any{}
	for _, outcome := range m.trip.outcomes {
		hops = append(hops, outcome.shown())
	}
	result := map[string]any{"hops": hops}
	if shown := m.trip.shown(); shown != nil {
		result["trace"] = traceData(*shown)
		result["waterfall"] = Waterfall(*shown, columns)
	}
	return result
}
