// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Plan is the path from status to spec.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	var p plan.Plan
	if !status.Installed() {
		return p, missing(spec)
	}
	if spec.absent() && status.Record == nil {
		return p, nil
	}
	proposal := status.Proposal
	if proposal.Err != nil {
		return p, proposal.Err
	}
	if send, err := meshed(&p, spec, status); err != nil || !send {
		return p, err
	}
	if !status.changes(spec, proposal) {
		return p, nil
	}
	if err := status.refusal(&p, spec, proposal); err != nil {
		return p, err
	}
	warnPending(&p, status)
	if err := proposal.Verdict.Plan(&p); err != nil {
		return p, err
	}
	p.Add(c.change(spec, status))
	replaced(&p, status)
	if spec.Wait && !proposal.Gone {
		p.Add(plan.Change{Path: "rollout", Verb: plan.Await, Step: c.writer.Step(awaitRollout(status))})
	}
	p.Warn("pods that are in the mesh already send traces as they did until they are restarted: kubectl -n NAMESPACE rollout restart deployment")
	return p, nil
}

// refusal is why the change that the plan is for cannot be made.
func (s Status) refusal(p *plan.Plan, spec Spec, proposal Proposal) error {
	if s.Terminating != nil && !proposal.Gone {
		return s.Terminating
	}
	if err := s.foreign(p, spec, proposal); err != nil {
		return err
	}
	if s.Unmanaged != nil {
		return s.Unmanaged
	}
	return proposal.Refusal
}

func missing(spec Spec) error {
	if !spec.Required || spec.absent() {
		return nil
	}
	return fault.New(fault.NotFound, "install Linkerd first, or set linkerd_enabled: auto", "find Linkerd: there is none in this cluster")
}

// meshed reports whether to send traces to this Tempo. One that Linkerd would
// not talk to is refused, warned of, or skipped. One that does not run yet may
// still come into the mesh.
func meshed(p *plan.Plan, spec Spec, status Status) (bool, error) {
	fix := "annotate its namespace with linkerd.io/inject=enabled (enable_linkerd: true does it in the role tempo) and restart its pods: " +
		"kubectl -n " + status.Tempo.Namespace + " rollout restart deployment,statefulset"
	switch {
	case spec.absent() || status.Tempo.Meshed:
		return true, nil
	case status.Tempo.Pods == 0:
		p.Warn("Tempo has no pods in namespace %s yet: they have to be in the mesh", status.Tempo.Namespace)
		return true, nil
	case spec.Unmeshed == unmeshedWarn:
		p.Warn("Tempo's pods are not in the mesh, so that no trace of Linkerd will arrive: %s", fix)
		return true, nil
	case spec.Unmeshed == unmeshedSkip:
		p.Warn("Tempo's pods are not in the mesh, so Linkerd is left as it is: %s", fix)
		return false, nil
	}
	return false, fault.New(fault.Unsupported, fix, "send Linkerd's traces to Tempo: its pods are not in the mesh, and Linkerd only sends traces within it")
}

// change is the one thing to do: to the release with the settings.
func (c *client) change(spec Spec, status Status) plan.Change {
	proposal, was := status.Proposal, status.Release
	if was.Status.Pending() {
		was = status.Deployed
	}
	before, after := secret.MaskedPair(proposal.owned(values(was), status.Record), proposal.owned(proposal.Values, status.Record))
	change := plan.Change{
		Path: "release/" + status.Release.Namespace + "/" + status.Release.Name, Verb: plan.Update, Before: before, After: after,
	}
	switch {
	case proposal.Gone:
		change.Verb, change.After, change.Step = plan.Delete, nil, c.writer.Step(uninstall(spec, status))
	case status.Release.Status == helm.Absent:
		change.Verb, change.Before, change.Step = plan.Create, nil, c.writer.Step(install(spec, status))
	default:
		change.Step = c.writer.Step(upgrade(spec, status))
	}
	return change
}
