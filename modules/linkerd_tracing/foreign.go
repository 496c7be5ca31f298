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

// obstacles are looked for only where the settings are to change: who manages them,
// and whether their namespace is being deleted.
func (c *client) obstacles(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Proposal.Err != nil || !status.changes(spec, status.Proposal) {
		return nil // the plan reports the error
	}
	status.Terminating = c.cluster.Gone(ctx, status.Release.Namespace)
	status.Owner, err = c.owner(ctx, *status)
	return err
}

// owner is the GitOps tool's object that manages the settings.
func (c *client) owner(ctx context.Context, status Status) (kube.Owner, error) {
	release := status.Release
	if owner := kube.OwnerOf(&meta.ObjectMeta{Labels: release.Labels}); owner.Foreign() {
		return owner, nil
	}
	deployments, sets, err := c.cluster.WorkloadObjects(ctx, release.Namespace, selectors()[status.Generation.Method])
	if err != nil {
		return kube.Owner{}, err
	}
	for _, owner := range []kube.Owner{kube.FirstOwner(deployments), kube.FirstOwner(sets)} {
		if owner.Foreign() {
			return owner, nil
		}
	}
	return c.cluster.ReleaseOwner(ctx, release.Namespace, release.Name)
}

// changes reports whether a proposal alters the release, or removes the record.
func (s Status) changes(spec Spec, p Proposal) bool {
	return s.differs(p) || spec.absent() && s.Record != nil
}

// foreign refuses to change what something else puts back. The hint has the
// values for the place where a change lasts.
func (s Status) foreign(p *plan.Plan, spec Spec, proposal Proposal) error {
	thing := "release " + s.Release.Namespace + "/" + s.Release.Name
	switch {
	case !s.Owner.Foreign():
		return nil
	case spec.Force:
		p.Warn("%s belongs to %s, which may undo the change", thing, s.Owner.Name)
		return nil
	case spec.absent():
		return s.Owner.Refusal(thing, "the values as they were before", "force: true")
	}
	refusal := s.Owner.Refusal(thing, "these values", "force: true")
	text, _ := yaml.Marshal(proposal.owned(proposal.Values, nil)) //nolint:errchkjson // strings and booleans
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+string(text), "%s", refusal.Error())
}
