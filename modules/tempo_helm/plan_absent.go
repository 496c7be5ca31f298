// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planAbsent removes the release and the module's own Secrets, and what the
// options name beside them.
func planAbsent(p *plan.Plan, have State) error {
	args := have.args
	if have.Holder.Alive {
		return kube.Busy(have.Holder, "remove release "+args.Namespace+"/"+args.Release)
	}
	if have.Namespace.Going != nil { // it takes all of it along
		p.Add(plan.Change{Path: "namespace/" + args.Namespace, Verb: plan.Await})
		return nil
	}
	if have.Release.Status != helm.Absent {
		p.Add(plan.Change{Path: "release/" + args.Release, Verb: plan.Delete, Before: shownRelease(have.Release)})
	}
	if have.Credentials.Owned {
		p.Add(plan.Change{Path: "secret/" + have.Credentials.Name, Verb: plan.Delete, Before: have.Credentials.shown()})
	}
	if have.Authority.Owned {
		p.Add(plan.Change{Path: "secret/" + have.Authority.Name, Verb: plan.Delete, Before: have.Authority.shown()})
	}
	for _, claim := range have.Claims {
		p.Add(plan.Change{Path: "persistentvolumeclaim/" + claim, Verb: plan.Delete, Before: map[string]any{}})
	}
	if args.RemoveSpace && have.Namespace.Found {
		p.Add(plan.Change{Path: "namespace/" + args.Namespace, Verb: plan.Delete, Before: map[string]any{}})
	}
	return nil
}
