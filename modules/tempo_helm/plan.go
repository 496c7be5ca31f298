// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan is the way from what was found to what is wanted.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	var p plan.Plan
	if want.args.State == absent {
		if err := planAbsent(&p, have); err != nil {
			return p, err
		}
		return p, planOwner(&p, have)
	}
	if err := refuse(want.args, have.Target.Chart, have.Target.Values); err != nil {
		return p, err
	}
	if err := warn(&p, want.args, have); err != nil {
		return p, err
	}
	if err := planNamespace(&p, want, have); err != nil {
		return p, err
	}
	if err := m.planCredentials(&p, want, have); err != nil {
		return p, err
	}
	if err := planAuthority(&p, want, have); err != nil {
		return p, err
	}
	if err := planRelease(&p, have); err != nil {
		return p, err
	}
	planNoAuthority(&p, want, have)
	planDrift(&p, have)
	planWait(&p, want, have)
	return p, planOwner(&p, have)
}

func planNamespace(p *plan.Plan, want, have State) error {
	path := "namespace/" + want.Namespace.Name
	before, after := want.Namespace.shown(have.Namespace), want.Namespace.shown(want.Namespace)
	switch {
	case have.Namespace.Going != nil:
		return have.Namespace.Going
	case !have.Namespace.Found && !want.args.CreateNamespace:
		return fault.New(fault.NotFound, "make it, or set create_namespace: true", "namespace %s does not exist", want.Namespace.Name)
	case !have.Namespace.Found:
		p.Add(plan.Change{Path: path, Verb: plan.Create, After: after})
	case !reflect.DeepEqual(before, after):
		p.Add(plan.Change{Path: path, Verb: plan.Update, Before: before, After: after})
	}
	return nil
}

// shown is the part of a namespace that the task speaks of.
func (n Namespace) shown(of Namespace) map[string]any {
	shown := map[string]any{}
	if len(n.Labels) > 0 {
		shown["labels"] = toAny(only(of.Labels, n.Labels))
	}
	if len(n.Annotations) > 0 {
		shown["annotations"] = toAny(only(of.Annotations, n.Annotations))
	}
	return shown
}

func toAny(texts map[string]string) map[string]any {
	values := map[string]any{}
	for key, text := range texts {
		values[key] = text
	}
	return values
}

func planRelease(p *plan.Plan, have State) error {
	if have.is(have.Target) {
		return nil
	}
	if err := have.stuck(); err != nil {
		return err
	}
	warnStuck(p, have)
	for _, replaced := range have.Target.Replace {
		p.Warn("%s is deleted and made anew by the upgrade, since it cannot be changed in place: %s", replaced.Path(), replaced.Why)
	}
	change := plan.Change{Path: "release/" + have.args.Release, Verb: plan.Create, After: have.shownTarget(), Payload: deployment{have.Target, have.Release}}
	if have.Target.Upgrade {
		change.Verb, change.Before = plan.Update, shownRelease(have.Release)
	}
	p.Add(change)
	return nil
}

// deployment is the payload of a release's change: what is wanted, and what the
// plan was made from.
type deployment struct {
	target Target
	from   helm.Release
}

// planWait adds waiting to a release that is as it should be, but whose pods
// are not ready, or will not be after its objects are set right. An install or
// upgrade waits by itself.
func planWait(p *plan.Plan, want, have State) {
	if !want.args.Wait || !have.is(have.Target) {
		return
	}
	idle := have.idle()
	if len(idle) > 0 {
		p.Warn("release %s cannot be ready: %s", have.args.Release, strings.Join(idle, ", "))
	}
	if len(idle) > 0 || len(have.healed()) > 0 || len(kube.Lagging(have.workloads())) > 0 {
		p.Add(plan.Change{Path: "workloads/" + have.args.Release, Verb: plan.Await, Payload: settling{have.Manifests, idle}})
	}
}

// settling is the payload of waiting for a release that is deployed already: its
// objects, and why some of them never will be ready.
type settling struct {
	objects []helm.Object
	idle    []string
}

// idle are the workloads of the release that run no pods and that nothing of the
// plan sets right: those that are gone where drift is ignored, and those that
// somebody scaled to nothing where it is reported.
func (s State) idle() (all []string) {
	if s.args.Drift == driftIgnore {
		return s.lost()
	}
	for _, drift := range s.Drift {
		count, scaled := drift.Fields["spec.replicas"]
		if scaled && count[0] == int64(0) && s.args.Drift == driftReport {
			all = append(all, drift.Object+" is scaled to 0 pods, not "+fmt.Sprint(count[1]))
		}
	}
	return all
}

// lost are the workloads that somebody deleted.
func (s State) lost() (all []string) {
	live := map[string]bool{}
	for _, workload := range s.workloads() {
		live[workload.Path()] = true
	}
	for _, object := range s.Manifests {
		if listed[object.Kind] && workloads[object.Kind] && !live[object.Path()] {
			all = append(all, object.Path()+" is gone")
		}
	}
	return all
}
