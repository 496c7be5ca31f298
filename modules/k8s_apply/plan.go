// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"reflect"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Plan is the path from status to spec. What any manifest is refused for is reported
// before the first one is applied.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	p := planner{client: c, spec: spec, status: status}
	if spec.absent() {
		p.absent()
	} else if err := p.present(); err != nil {
		return plan.Plan{}, err
	}
	for _, ref := range status.Prunable {
		p.remove(ref)
	}
	p.await()
	return p.plan, nil
}

type planner struct {
	client *client
	spec   Spec
	status Status
	plan   plan.Plan
	// gone are the objects that the plan removes, and those that are being deleted already.
	gone []kube.Ref
}

func (p *planner) add(change plan.Change, do do) {
	change.Step = p.client.writer.Step(do)
	p.plan.Add(change)
}

// path names an object in the diff: "Deployment/emojivoto/web".
func path(ref kube.Ref) string {
	if ref.Namespace == "" {
		return ref.Kind + "/" + ref.Name
	}
	return ref.Kind + "/" + ref.Namespace + "/" + ref.Name
}

func (p *planner) present() error {
	var refusals []error
	for _, object := range p.status.Objects {
		if err := p.object(object); err != nil {
			refusals = append(refusals, err)
		}
	}
	return fault.Join(refusals)
}

// object adds what is to be done to one object. One that a GitOps tool manages is
// left to it.
func (p *planner) object(object Object) error {
	apply := p.client.apply(p.spec, object.Manifest)
	switch {
	case object.Refusal != nil && fault.KindOf(object.Refusal) == fault.Conflict && p.foreign(object).Foreign():
		return p.keep(object)
	case object.Refusal != nil:
		return object.Refusal
	}
	if object.Terminating {
		p.add(plan.Change{Path: "removal of " + path(object.Ref), Verb: plan.Await}, p.client.awaitGone(p.spec, []kube.Ref{object.Ref}))
	}
	if object.Live == nil || object.Terminating {
		_, after := redacted(object.Ref.Kind, nil, content(object))
		p.add(plan.Change{Path: path(object.Ref), Verb: plan.Create, After: after}, apply)
		return nil
	}
	before, after := p.difference(object)
	if before == nil && after == nil {
		return nil
	}
	if p.foreign(object).Foreign() {
		return p.keep(object)
	}
	if owner := kube.OwnerOf(object.Live); owner.Foreign() {
		p.plan.Warn("%s belongs to %s, which may undo the change", object.Ref, owner.Name)
	}
	p.add(plan.Change{Path: path(object.Ref), Verb: plan.Update, Before: before, After: after}, apply)
	return nil
}

// foreign is the GitOps tool's object to which an object is left.
func (p *planner) foreign(object Object) kube.Owner {
	if object.Live == nil || p.spec.ForceConflicts {
		return kube.Owner{}
	}
	return kube.OwnerOf(object.Live)
}

func (p *planner) keep(object Object) error {
	return p.foreign(object).Refusal(object.Ref.String(), "the manifest", "force_conflicts: true")
}

// content is what a new object holds beyond its name, which the path has.
func content(object Object) any {
	fields := map[string]any{}
	for key, value := range object.Manifest.Object {
		if key != "apiVersion" && key != "kind" {
			fields[key] = value
		}
	}
	return fields
}

// difference compares the fields that the manager owns or is about to own: on
// both sides, so that a field which leaves the manifest shows as well. Where
// only the ownership changes, that is the difference. Nil twice is none.
func (p *planner) difference(object Object) (before, after any) {
	had, gets := kube.FieldsOf(object.Live, p.spec.FieldManager), kube.FieldsOf(object.Proposal, p.spec.FieldManager)
	fields := had.With(gets)
	before, after = fields.Of(object.Live), fields.Of(object.Proposal)
	if !reflect.DeepEqual(before, after) {
		return redacted(object.Ref.Kind, before, after)
	}
	if reflect.DeepEqual(had, gets) {
		return nil, nil
	}
	owned := "owned by " + p.spec.FieldManager
	before, after = redacted(object.Ref.Kind, had.Of(object.Live), gets.Of(object.Proposal))
	return map[string]any{owned: before}, map[string]any{owned: after}
}

// absent removes in the reverse order what the manager has applied.
func (p *planner) absent() {
	for _, object := range slices.Backward(p.status.Objects) {
		foreign := p.status.Foreign[object.Ref.Name]
		switch {
		case object.Live == nil:
		case object.Terminating:
			p.gone = append(p.gone, object.Ref)
		case !object.appliedBy(p.spec.FieldManager) && !p.spec.ForceConflicts:
			p.plan.Warn("%s stays: %s has not applied it; force_conflicts: true removes it anyway", object.Ref, p.spec.FieldManager)
		case p.foreign(object).Foreign():
			p.plan.Warn("%s stays: it belongs to %s, which would recreate it; force_conflicts: true removes it anyway", object.Ref, p.foreign(object).Name)
		case object.Ref.Kind == "Namespace" && len(foreign) > 0 && !p.spec.ForceConflicts:
			p.plan.Warn("%s stays: it holds objects of others: %s", object.Ref, strings.Join(foreign, ", "))
		default:
			p.remove(object.Ref)
		}
	}
}

func (p *planner) remove(ref kube.Ref) {
	p.gone = append(p.gone, ref)
	p.add(plan.Change{Path: path(ref), Verb: plan.Delete, Before: "present"}, remove(ref))
}

// await waits for what was changed, and for what is still in progress from an
// earlier run.
func (p *planner) await() {
	if !p.spec.Wait {
		return
	}
	if len(p.gone) > 0 {
		p.add(plan.Change{Path: "removal", Verb: plan.Await}, p.client.awaitGone(p.spec, p.gone))
	}
	if !p.spec.absent() && (len(p.plan.Changed()) > 0 || !allReady(p.status.Objects)) {
		p.add(plan.Change{Path: "readiness", Verb: plan.Await}, p.client.awaitReady(p.spec))
	}
}

func allReady(objects []Object) bool {
	return !slices.ContainsFunc(objects, func(object Object) bool {
		status := rollout.Of(object.Live)
		return !status.Done() && (status.State != rollout.Held || !rollout.Holds(object.Manifest))
	})
}
