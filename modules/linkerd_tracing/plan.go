// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan is the way from have to want.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	var p plan.Plan
	if !have.Installed() {
		return p, missing(want.Wish)
	}
	if want.Wish.Absent && have.Record == nil {
		return p, nil
	}
	draft, err := have.draft(want.Wish)
	if err != nil {
		return p, err
	}
	if send, err := meshed(&p, want.Wish, have); err != nil || !send {
		return p, err
	}
	if !have.changes(want.Wish, draft) {
		return p, nil
	}
	if have.Going != nil && !draft.gone {
		return p, have.Going
	}
	if err := have.foreign(&p, want.Wish, draft); err != nil {
		return p, err
	}
	switch {
	case have.Unmanaged != nil:
		return p, have.Unmanaged
	case have.Refusal != nil:
		return p, have.Refusal
	}
	p.Add(change(have, draft))
	replaced(&p, have, draft)
	if want.Wish.Wait && !draft.gone {
		p.Add(plan.Change{Path: "rollout", Verb: plan.Await, Payload: awaitRollout{have}})
	}
	p.Warn("pods that are in the mesh already send traces as they did until they are restarted: kubectl -n NAMESPACE rollout restart deployment")
	return p, nil
}

func missing(wish Wish) error {
	if !wish.Required || wish.Absent {
		return nil
	}
	return fault.New(fault.NotFound, "install Linkerd first, or set linkerd_enabled: auto", "find Linkerd: there is none in this cluster")
}

// meshed reports whether to send traces to this Tempo. One that Linkerd would
// not talk to is refused, warned of, or skipped. One that does not run yet may
// still come into the mesh.
func meshed(p *plan.Plan, wish Wish, have State) (bool, error) {
	fix := "annotate its namespace with linkerd.io/inject=enabled (enable_linkerd: true does it in the role tempo) and restart its pods: " +
		"kubectl -n " + have.Tempo.Namespace + " rollout restart deployment,statefulset"
	switch {
	case wish.Absent || have.Tempo.Meshed:
		return true, nil
	case have.Tempo.Pods == 0:
		p.Warn("Tempo has no pods in namespace %s yet: they have to be in the mesh", have.Tempo.Namespace)
		return true, nil
	case wish.Unmeshed == unmeshedWarn:
		p.Warn("Tempo's pods are not in the mesh, so that no trace of Linkerd will arrive: %s", fix)
		return true, nil
	case wish.Unmeshed == unmeshedSkip:
		p.Warn("Tempo's pods are not in the mesh, so Linkerd is left as it is: %s", fix)
		return false, nil
	}
	return false, fault.New(fault.Unsupported, fix, "send Linkerd's traces to Tempo: its pods are not in the mesh, and Linkerd sends only into it")
}

// change is the one thing to do: to the release with the settings.
func change(have State, d draft) plan.Change {
	path := "release/" + have.Release.Namespace + "/" + have.Release.Name
	before, after := owned(values(have.Release), d, have.Record), owned(d.values, d, have.Record)
	switch {
	case d.gone:
		return plan.Change{Path: path, Verb: plan.Delete, Before: before, Payload: uninstall{have.Release}}
	case have.Release.Status == helm.Absent:
		return plan.Change{Path: path, Verb: plan.Create, After: after, Payload: install{have.Release, d}}
	}
	return plan.Change{Path: path, Verb: plan.Update, Before: before, After: after, Payload: upgrade{have.Release, d}}
}
