// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// Plan is the path from the values that were found to those that are wanted, and
// then to a Traefik that runs with them.
func (c *client) Plan(spec Spec, status Status) (p plan.Plan, err error) {
	if status.Missing != nil {
		if !spec.absent() {
			p.Warn("%s: no request starts a trace until it is installed; set traefik_enabled: false if that is intended", status.Missing)
		}
		return p, nil
	}
	proposal := status.Proposal
	if proposal.Err != nil {
		return p, proposal.Err
	}
	if status.umbrella.Chart != "" {
		return p, status.refuseUmbrella(status.umbrella)
	}
	if spec.absent() {
		return c.planAbsent(spec, status)
	}
	status.warn(&p, spec)
	switch {
	case proposal.differs():
		if err := c.planChange(&p, spec, status); err != nil {
			return p, err
		}
	case status.upgrade.stalled(spec.FailurePolicy):
		p.Add(c.again(status))
	default:
		status.upgrade.warn(&p, status)
	}
	faults := proposal.missing(status.Workload.Args, status.Workload.Env)
	if spec.Wait && (len(p.Changes) > 0 || len(faults) > 0 || !status.Workload.RolledOut) {
		p.Add(c.awaited(status))
	}
	if spec.probes() {
		p.Add(plan.Change{Path: "access log of " + status.Workload.String(), Verb: plan.Await, Step: c.writer.Step(c.sendProbe(spec, status))})
	}
	return p, nil
}

func (c *client) planAbsent(spec Spec, status Status) (p plan.Plan, err error) {
	if status.Record == nil && slices.ContainsFunc(status.Workload.Args, traefikchart.AboutTracing) {
		p.Warn("%s: there are tracing or access-log settings that this module did not make; they stay", status)
	}
	if !status.Proposal.differs() {
		return p, nil
	}
	if err := c.planChange(&p, spec, status); err != nil {
		return p, err
	}
	status.Proposal.dryRun.warn(&p, status)
	if spec.Wait {
		p.Add(c.awaited(status))
	}
	return p, nil
}

// planChange adds the change, unless it cannot work.
func (c *client) planChange(p *plan.Plan, spec Spec, status Status) error {
	refusal := status.Proposal.dryRun.verdict.Plan(p)
	p.Add(c.change(status))
	if err := status.refuse(spec); err != nil {
		return err
	}
	return refusal
}

// change writes the proposal.
func (c *client) change(status Status) plan.Change {
	before, after := secret.MaskedPair(plan.Side(status.Proposal.Before), plan.Side(status.Proposal.After))
	change := plan.Change{Path: "helmchartconfig/" + status.Namespace + "/" + status.Name, Verb: plan.Update,
		Before: before, After: after, Step: c.writer.Step(c.writeConfig(status))}
	switch {
	case !status.Exists:
		change.Verb = plan.Create
	case status.Proposal.Delete:
		change.Verb = plan.Delete
	}
	if status.Method == methodHelm {
		change.Path, change.Step = "release/"+status.Namespace+"/"+status.Name, c.writer.Step(upgradeRelease(status))
	}
	return change
}

// again asks the Helm controller for a new job with the same values.
func (c *client) again(status Status) plan.Change {
	return plan.Change{Path: "job/" + status.Namespace + "/" + status.upgrade.job.Name, Verb: plan.Update,
		Before: "the release is failed: " + status.upgrade.reason, After: "upgraded again", Step: c.writer.Step(deleteJob(status))}
}

// awaited waits for the controller and the pods, and then for the proof.
func (c *client) awaited(status Status) plan.Change {
	return plan.Change{Path: "rollout/" + status.Workload.String(), Verb: plan.Await, Step: c.writer.Step(c.awaitRollout(status))}
}

// refuse stops a change that cannot work, before anything is written.
func (s Status) refuse(spec Spec) error {
	p := s.Proposal
	if spec.absent() {
		if err := errors.Join(s.refuseForeign(spec), s.upgrade.refuse(s, p.FailurePolicy)); err != nil {
			return err
		}
		return p.dryRun.judge(s)
	}
	if err := s.refuseForeign(spec); err != nil {
		return err
	}
	if err := s.overridden(p.entries); err != nil {
		return err
	}
	if err := p.target.ConflictingBackend(s.String()); err != nil {
		return err
	}
	if err := s.upgrade.refuse(s, p.FailurePolicy); err != nil {
		return err
	}
	return p.dryRun.judge(s)
}

// refuseForeign refuses to change what something else puts back. The hint has the
// values for the place where a change lasts; with state absent it asks to remove them.
func (s Status) refuseForeign(spec Spec) error {
	if !s.Owner.Foreign() || spec.Force {
		return nil
	}
	if spec.absent() {
		return s.Owner.Refusal(s.String(), "Traefik's values as they were before this module", "force: true")
	}
	refusal := s.Owner.Refusal(s.String(), s.valuesName(), "force: true")
	current, err := s.values()
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+overlay.Paste(s.Proposal.entries, current), "%s", refusal.Error())
}

// refuseUmbrella says where the settings belong, nil where they are in force. An umbrella
// is its user's: nothing but its sources has its subcharts, so it is not upgraded here.
func (s Status) refuseUmbrella(parent traefikfind.Umbrella) error {
	if !s.Proposal.differs() {
		return nil
	}
	current, err := s.values()
	if err != nil {
		return err
	}
	hint := "put these values into those of that chart, and upgrade the release with it:\n" + parent.Paste(overlay.Paste(s.Proposal.entries, current))
	return fault.New(fault.Unsupported, hint, "%s is of chart %s, which brings Traefik's chart %s as a subchart: settings that are made here would not reach Traefik; nothing was changed",
		s, parent.Chart, s.Workload.ChartVersion())
}

// valuesName is what their owner calls the values.
func (s Status) valuesName() string {
	if s.Method == methodHelm {
		return "these values"
	}
	return "these values (spec.valuesContent of the HelmChartConfig)"
}

// overridden names an owned value that is also set in values which win over those that can
// be changed here.
func (s Status) overridden(entries []overlay.Setting) error {
	for _, entry := range entries {
		if _, found := overlay.Get(s.Higher, entry.Path...); found && !entry.Remove {
			return fault.New(fault.Conflict, "remove it there; nothing was changed",
				"%s: %s is also set in spec.values of the HelmChartConfig, which wins", s, strings.Join(entry.Path, "."))
		}
		for _, set := range s.Sets {
			key := set.key
			if strings.HasPrefix(key+".", strings.Join(entry.Path, ".")+".") || strings.HasPrefix(key, strings.Join(entry.Path, ".")+"[") {
				return fault.New(fault.Conflict, "remove it there; nothing was changed",
					"%s: %s is also set in spec.set of the HelmChart, which wins", s, key)
			}
		}
	}
	return nil
}
