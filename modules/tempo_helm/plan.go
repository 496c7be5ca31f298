// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/temporollout"
)

// Plan is the path from status to spec.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	var p plan.Plan
	spec = spec.chosen(status.Choice).within(status.Room).graphing(status.Graph)
	if spec.absent() {
		if err := c.planAbsent(&p, spec, status); err != nil {
			return p, err
		}
		return p, planOwner(&p, spec, status)
	}
	if err := status.Room.Plan(&p); err != nil {
		return p, err
	}
	if err := status.Proposal.Refusal; err != nil {
		return p, err
	}
	if err := planStorage(&p, spec, status); err != nil {
		return p, err
	}
	if err := status.Move.Plan(&p); err != nil {
		return p, err
	}
	if err := warn(&p, spec, status); err != nil {
		return p, err
	}
	for _, part := range []func(*plan.Plan, Spec, Status) error{planVerdict, c.planNamespace, c.planCredentials, c.planCA, c.planRelease} {
		if err := part(&p, spec, status); err != nil {
			return p, err
		}
	}
	c.planNoCredentials(&p, spec, status)
	c.planNoCA(&p, spec, status)
	c.planDrift(&p, spec, status)
	c.planWait(&p, spec, status)
	inventory.WarnVolumes(&p, status.Claims, status.objects())
	temporollout.WarnKilled(&p, status.Release.Chart.Name, status.Pods, status.Proposal.newValues())
	return p, planOwner(&p, spec, status)
}

// planVerdict refuses what the API server would refuse halfway.
func planVerdict(p *plan.Plan, _ Spec, status Status) error { return status.Proposal.Verdict.Plan(p) }

func (c *client) planNamespace(p *plan.Plan, spec Spec, status Status) error {
	path := "namespace/" + spec.Namespace
	before, after := spec.marks(status.Namespace), spec.marks(Namespace{Labels: spec.NamespaceLabels, Annotations: spec.NamespaceAnnotations})
	switch {
	case status.Namespace.Terminating != nil:
		return status.Namespace.Terminating
	case !status.Namespace.Found && !spec.CreateNamespace:
		return fault.New(fault.NotFound, "create it, or set create_namespace: true", "namespace %s does not exist", spec.Namespace)
	case !status.Namespace.Found:
		p.Add(plan.Change{Path: path, Verb: plan.Create, After: after, Step: c.writer.Step(applyNamespace(spec))})
	case !reflect.DeepEqual(before, after):
		p.Add(plan.Change{Path: path, Verb: plan.Update, Before: before, After: after, Step: c.writer.Step(applyNamespace(spec))})
	}
	return nil
}

// marks are the labels and annotations of a namespace that the task names.
func (s Spec) marks(of Namespace) map[string]any {
	shown := map[string]any{}
	if len(s.NamespaceLabels) > 0 {
		shown["labels"] = only(of.Labels, s.NamespaceLabels)
	}
	if len(s.NamespaceAnnotations) > 0 {
		shown["annotations"] = only(of.Annotations, s.NamespaceAnnotations)
	}
	return shown
}

func (c *client) planRelease(p *plan.Plan, spec Spec, status Status) error {
	proposal := status.Proposal
	if proposal.Deployed {
		return nil
	}
	if err := status.pending(spec); err != nil {
		return err
	}
	warnPending(p, status)
	for _, object := range proposal.Verdict.Recreate {
		p.Warn("%s is deleted and recreated by the upgrade, since it cannot be changed in place: %s", object.Path(), object.Why)
	}
	before, after := status.releaseDiff()
	change := plan.Change{Path: releasePath(spec), Verb: plan.Create, After: after, Step: c.writer.Step(deploy(spec, status))}
	if proposal.Upgrade {
		change.Verb, change.Before = plan.Update, before
	}
	p.Add(change)
	return nil
}

// redactedRelease is a release as the diff shows it.
func redactedRelease(release helm.Release) map[string]any {
	return map[string]any{"chart": release.Chart.ID(), "status": string(release.Status), "values": secret.Masked(any(release.Values))}
}

// releaseDiff are the release as it is and as it would be.
func (s Status) releaseDiff() (before, after map[string]any) {
	proposal := s.Proposal
	oldValues, newValues := secret.MaskedPair(any(s.Release.Values), any(proposal.Values))
	before = map[string]any{"chart": s.Release.Chart.ID(), "status": string(s.Release.Status), "values": oldValues}
	after = map[string]any{"chart": proposal.Chart.ID(), "status": string(helm.Deployed), "values": newValues}
	if objects := inventory.Changes(s.Manifests, proposal.Objects); len(objects) > 0 {
		after["objects"] = objects
	}
	return before, after
}

// planWait adds waiting to a release that is as it should be, but whose pods are
// not ready, or will not be after its objects are corrected. An install or
// upgrade waits by itself.
func (c *client) planWait(p *plan.Plan, spec Spec, status Status) {
	if !spec.Wait || !status.Proposal.Deployed {
		return
	}
	idle := status.idle(spec)
	if len(idle) > 0 {
		p.Warn("release %s cannot be ready: %s", spec.Release, strings.Join(idle, ", "))
	}
	if len(idle) > 0 || len(status.corrected(spec)) > 0 || len(rollout.NotReady(status.Live.Workloads())) > 0 {
		p.Add(plan.Change{Path: "workloads/" + spec.Release, Verb: plan.Await, Step: c.writer.Step(awaitRollout(spec, status.Manifests, idle))})
	}
}

// idle are the workloads of the release that run no pods and that nothing in the
// plan corrects: those that are gone where drift is ignored, and those that
// somebody scaled to zero where it is reported.
func (s Status) idle(spec Spec) (all []string) {
	if spec.Drift == driftIgnore {
		for _, object := range s.Live.Lost(s.Manifests) {
			all = append(all, object.Path()+" is gone")
		}
		return all
	}
	for _, drift := range s.Drift {
		count, scaled := drift.Fields["spec.replicas"]
		if scaled && count[0] == int64(0) && spec.Drift == driftReport {
			all = append(all, drift.Object+" is scaled to 0 pods, not "+fmt.Sprint(count[1]))
		}
	}
	return all
}

// objects are those of the proposal, or of a release that is as it should be.
func (s Status) objects() []helm.Object {
	if len(s.Proposal.Objects) > 0 {
		return s.Proposal.Objects
	}
	return s.Manifests
}

// planAbsent removes the release and the module's own Secrets, and what the
// options name besides.
func (c *client) planAbsent(p *plan.Plan, spec Spec, status Status) error {
	if status.LeaseHolder.Alive {
		return kube.Busy(status.LeaseHolder, "remove release "+spec.Namespace+"/"+spec.Release)
	}
	if status.Namespace.Terminating != nil { // its deletion removes all of this
		p.Add(plan.Change{Path: "namespace/" + spec.Namespace, Verb: plan.Await, Step: c.writer.Step(awaitNamespaceGone(spec))})
		return nil
	}
	if status.Release.Status != helm.Absent {
		p.Add(plan.Change{Path: releasePath(spec), Verb: plan.Delete, Before: redactedRelease(status.Release), Step: c.writer.Step(uninstall(spec))})
	}
	if status.Credentials.Owned {
		c.deleteSecret(p, spec, status.Credentials.Name, status.Credentials.Redacted())
	}
	if status.CA.Owned {
		c.deleteSecret(p, spec, status.CA.Name, status.CA.Redacted())
	}
	for _, claim := range status.Claims {
		p.Add(plan.Change{Path: "persistentvolumeclaim/" + claim.Name, Verb: plan.Delete, Before: map[string]any{}, Step: c.writer.Step(removeClaim(spec, claim.Name))})
	}
	if spec.RemoveSpace && status.Namespace.Found {
		p.Add(plan.Change{Path: "namespace/" + spec.Namespace, Verb: plan.Delete, Before: map[string]any{}, Step: c.writer.Step(removeNamespace(spec))})
	}
	return nil
}
