// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/sourceview"
)

// without is the plan where something that the task needs is missing, and may be.
func without(spec Spec, missing error) (p plan.Plan) {
	if !spec.absent() {
		p.Warn("%s: data source %s is left out", missing, spec.label())
	}
	return p
}

// hasNoTarget reports a new data source that would point to nothing, where the task
// does without it then.
func (s Status) hasNoTarget(spec Spec) bool {
	made := s.Proposal.Source
	searched := s.Missing != nil && fault.KindOf(s.Missing) == fault.NotFound // other types are not looked for in the cluster
	return searched && !spec.Required && s.Source == nil && made.URL == "" && needsURL(made.Type)
}

// unavailable says what is missing so that nothing is done; nil where all is there.
func (s Status) unavailable(spec Spec) error {
	if s.Absent == nil && s.hasNoTarget(spec) {
		return s.Missing
	}
	return s.Absent
}

// acceptsProvisioned reports a data source of Tempo or Prometheus that somebody else
// provisions and that does its job: all that differs is among the optional settings. The
// links of Loki's are its job, so that it is not taken.
func (p *planner) acceptsProvisioned(observed *grafana.Source) bool {
	return observed.ReadOnly && !p.spec.absent() && p.optional(observed, p.proposal.Before, p.proposal.After)
}

func (p *planner) optional(observed *grafana.Source, before, after map[string]any) bool {
	made := p.proposal.Source
	return p.spec.AcceptProvisioned && slices.Contains([]string{"tempo", "prometheus"}, observed.Type) && made.Type == observed.Type && len(made.Secrets) == 0 &&
		onlySettings(before) && onlySettings(after)
}

// onlySettings reports that one side of a difference is about jsonData alone.
func onlySettings(side map[string]any) bool {
	for key := range side {
		if key != "jsonData" {
			return false
		}
	}
	return true
}

// refuseProvisioned says where a provisioned data source comes from, and what to put
// there.
func (p *planner) refuseProvisioned(observed *grafana.Source) error {
	return sourceview.Provisioned("update data source "+observed.Name, p.status.Origin, " and differs in "+sourceview.Keys(p.proposal.Before, p.proposal.After), p.fileProposal())
}

// fileProposal is the proposal as its file should have it: that it is the default may
// be Grafana's own doing, and a second default keeps Grafana from starting.
func (p *planner) fileProposal() *grafana.Source {
	made := p.proposal.Source
	if p.status.Origin != nil && p.spec.IsDefault == nil {
		made.IsDefault = p.status.Origin.Source.IsDefault
	}
	return &made
}

// acceptOrigin plans nothing where somebody else's provisioning file has all that
// the task asks for, or lacks no more than optional settings. Otherwise it is an
// error.
func (p *planner) acceptOrigin() error {
	origin, made := p.status.Origin.Source, p.proposal.Source
	made.IsDefault = origin.IsDefault // is for that file to say
	_, lacks := sourceview.Difference(&origin, &made)
	refusal := sourceview.Provisioned("provision data source "+p.spec.label(), p.status.Origin, " already", p.fileProposal())
	switch {
	case len(lacks) == 0:
		return nil
	case p.optional(&origin, nil, lacks):
		p.plan.Warn("%s", refusal)
		return nil
	}
	return refusal
}
