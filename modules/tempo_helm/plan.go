// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"reflect"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan is the way from what was found to what is wanted.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	var p plan.Plan
	if want.args.State == absent {
		return p, planAbsent(&p, have)
	}
	if err := refuse(want.args, have.Target.Chart, have.Target.Values); err != nil {
		return p, err
	}
	warn(&p, want.args, have)
	if err := planNamespace(&p, want, have); err != nil {
		return p, err
	}
	if err := m.planCredentials(&p, want, have); err != nil {
		return p, err
	}
	planRelease(&p, have)
	planWait(&p, want, have)
	return p, nil
}

func planNamespace(p *plan.Plan, want, have State) error {
	path := "namespace/" + want.Namespace.Name
	before, after := want.Namespace.shown(have.Namespace), want.Namespace.shown(want.Namespace)
	switch {
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

func planRelease(p *plan.Plan, have State) {
	if have.is(have.Target) {
		return
	}
	change := plan.Change{Path: "release/" + have.args.Release, Verb: plan.Create, After: have.Target.shown(), Payload: have.Target}
	if have.Target.Upgrade {
		change.Verb, change.Before = plan.Update, shownRelease(have.Release)
	}
	p.Add(change)
}

// planWait adds waiting to a release that is as it should be, but whose pods
// are not ready. An install or upgrade waits by itself.
func planWait(p *plan.Plan, want, have State) {
	if !want.args.Wait || !have.is(have.Target) {
		return
	}
	if len(kube.Lagging(have.Workloads)) > 0 {
		p.Add(plan.Change{Path: "workloads/" + have.args.Release, Verb: plan.Await})
	}
}

func planAbsent(p *plan.Plan, have State) error {
	if have.Release.Status != helm.Absent {
		p.Add(plan.Change{Path: "release/" + have.args.Release, Verb: plan.Delete, Before: shownRelease(have.Release)})
	}
	if have.Credentials.Owned {
		p.Add(plan.Change{Path: "secret/" + have.Credentials.Name, Verb: plan.Delete, Before: have.Credentials.shown()})
	}
	return nil
}
