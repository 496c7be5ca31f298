// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planVerdict refuses a deployment that the API server would refuse halfway. A right that
// this user lacks is only a warning of a check, which an account that only reads may make;
// a run ends with it before it has written anything.
func (c *client) planVerdict(p *plan.Plan, _ Spec, status Status) error {
	verdict := status.Proposal.Verdict
	if len(verdict.Unasked) > 0 {
		p.Warn("what the API server will say to some objects could not be asked beforehand: %v", fault.Join(verdict.Unasked))
	}
	if len(verdict.Refused) > 0 {
		return fault.Join(slices.Concat(verdict.Refused, verdict.Denied))
	}
	if missing := fault.Join(verdict.Denied); missing != nil {
		p.Warn("with the rights of this user a run would be refused before it changes anything: %v", missing)
		p.Add(plan.Change{Path: "rights", Verb: plan.Await, Step: c.writer.Step(func(context.Context, writer) error { return missing })})
	}
	return nil
}
