// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// owner is what puts the settings back when somebody else changes them, read only
// where they are to change: the object of a GitOps tool behind the workloads, or
// the HelmChart behind the release.
func (m *Module) owner(ctx context.Context, args Args, have State) (kube.Owner, error) {
	wanted, err := have.draft(args.wish())
	if err != nil || have.Release.Status == helm.Absent || !wanted.differs(have) && !wanted.gone {
		return kube.Owner{}, nil // the plan tells the error
	}
	deployments, _, err := m.clients.WorkloadObjects(ctx, have.Release.Namespace, selectors[have.Generation.Way])
	if err != nil {
		return kube.Owner{}, err
	}
	if owner := kube.FirstOwner(deployments); owner.Foreign() {
		return owner, nil
	}
	return m.clients.ReleaseOwner(ctx, have.Release.Namespace, have.Release.Name)
}

// foreign refuses to change what an owner would put back. The hint has the values
// for the place where they last.
func (s State) foreign(wish Wish, d draft) error {
	if !s.Owner.Foreign() || wish.Force {
		return nil
	}
	thing := "Helm release " + s.Release.Namespace + "/" + s.Release.Name
	if wish.Absent {
		return s.Owner.Refusal(thing, "Linkerd's values as they were before this module", "force: true")
	}
	refusal := s.Owner.Refusal(thing, "these values", "force: true")
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+overlay.Paste(d.entries, values(s.Release)), "%s", refusal.Error())
}
