// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// obstacles are looked for only where the settings are to change: who keeps them,
// and whether their namespace is being deleted.
func (m *Module) obstacles(ctx context.Context, args Args, have *State) (err error) {
	wanted, err := have.draft(args.wish())
	if err != nil || !have.changes(args.wish(), wanted) {
		return nil // the plan tells the error
	}
	have.Going = m.clients.Gone(ctx, have.Release.Namespace)
	have.Owner, err = m.owner(ctx, *have)
	return err
}

// owner is the GitOps tool's object that keeps the settings.
func (m *Module) owner(ctx context.Context, have State) (kube.Owner, error) {
	release := have.Release
	if owner := kube.OwnerOf(&meta.ObjectMeta{Labels: release.Labels}); owner.Foreign() {
		return owner, nil
	}
	deployments, sets, err := m.clients.WorkloadObjects(ctx, release.Namespace, selectors[have.Generation.Way])
	if err != nil {
		return kube.Owner{}, err
	}
	for _, owner := range []kube.Owner{kube.FirstOwner(deployments), kube.FirstOwner(sets)} {
		if owner.Foreign() {
			return owner, nil
		}
	}
	return m.clients.ReleaseOwner(ctx, release.Namespace, release.Name)
}

// changes reports whether a draft alters the release, or takes the record away.
func (s State) changes(wish Wish, d draft) bool {
	return d.differs(s) || wish.Absent && s.Record != nil
}

// foreign refuses to change what something else puts back. The hint has the
// values for the place where they last.
func (s State) foreign(p *plan.Plan, wish Wish, d draft) error {
	thing := "release " + s.Release.Namespace + "/" + s.Release.Name
	switch {
	case !s.Owner.Foreign():
		return nil
	case wish.Force:
		p.Warn("%s belongs to %s, which may undo the change", thing, s.Owner.Name)
		return nil
	case wish.Absent:
		return s.Owner.Refusal(thing, "the values as they were before", "force: true")
	}
	refusal := s.Owner.Refusal(thing, "these values", "force: true")
	text, _ := yaml.Marshal(owned(d.values, d, nil)) //nolint:errchkjson // strings and booleans
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+string(text), "%s", refusal.Error())
}
