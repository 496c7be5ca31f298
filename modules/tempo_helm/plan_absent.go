// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planAbsent removes the release and the module's own Secrets, and what the
// options name beside them.
func (c *client) planAbsent(p *plan.Plan, spec Spec, status Status) error {
	if status.LeaseHolder.Alive {
		return kube.Busy(status.LeaseHolder, "remove release "+spec.Namespace+"/"+spec.Release)
	}
	if status.Namespace.Going != nil { // it takes all of it along
		p.Add(plan.Change{Path: "namespace/" + spec.Namespace, Verb: plan.Await, Step: c.writer.Step(awaitNamespaceGone(spec))})
		return nil
	}
	if status.Release.Status != helm.Absent {
		p.Add(plan.Change{Path: releasePath(spec), Verb: plan.Delete, Before: redactedRelease(status.Release), Step: c.writer.Step(uninstall(spec))})
	}
	if status.Credentials.Owned {
		c.deleteSecret(p, spec, status.Credentials.Name, status.Credentials.redacted())
	}
	if status.CA.Owned {
		c.deleteSecret(p, spec, status.CA.Name, status.CA.redacted())
	}
	for _, claim := range status.Claims {
		p.Add(plan.Change{Path: "persistentvolumeclaim/" + claim.Name, Verb: plan.Delete, Before: map[string]any{}, Step: c.writer.Step(removeClaim(spec, claim.Name))})
	}
	if spec.RemoveSpace && status.Namespace.Found {
		p.Add(plan.Change{Path: "namespace/" + spec.Namespace, Verb: plan.Delete, Before: map[string]any{}, Step: c.writer.Step(removeNamespace(spec))})
	}
	return nil
}
