// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// noReceiver is the error for a Tempo that takes spans by other protocols only.
func noReceiver() error {
	return fault.New(fault.NotFound, "switch on a receiver of Tempo (otlp_http is the most common), or name them in endpoints",
		"find a receiver to send a trace to: Tempo has none of %v", receiverNames())
}

// Plan is the hops in their order, and the verdict. All of them only await: a
// proof changes nothing, and check mode does not make it.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	var p plan.Plan
	hops := spec.hops(status)
	if status.Problems[Query] == nil && !slices.ContainsFunc(hops, isReceiver) {
		p.Warn("%v", noReceiver())
	}
	for _, hop := range hops {
		if problem := status.Problems[hop]; problem != nil {
			p.Warn("hop %s: %v", hop, problem)
		}
		p.Add(plan.Change{Path: "hop/" + string(hop), Verb: plan.Await, Step: c.writer.Step(c.checkHop(spec, hop))})
	}
	p.Add(plan.Change{Path: "verdict", Verb: plan.Await, Step: c.writer.Step(c.verdict(spec))})
	return p, nil
}

// hops puts the receivers that were found after the query frontend, unless the
// task names them, and TraceQL metrics after the search where this Tempo has them. The
// links to and from metrics come last.
func (s Spec) hops(status Status) []Hop {
	hops := slices.Clone(s.Hops)
	if s.measured(status) {
		hops = slices.Insert(hops, slices.Index(hops, Search)+1, Metrics)
	}
	hops = append(hops, s.drawn(status)...)
	if len(s.Receivers) > 0 {
		return hops
	}
	var found []Hop
	for _, hop := range receivers {
		if status.Endpoints[string(hop)] != "" {
			found = append(found, hop)
		}
	}
	return slices.Insert(hops, 1, found...)
}
