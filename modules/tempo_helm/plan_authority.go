// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planAuthority compares the Secret with the CA of the options.
func planAuthority(p *plan.Plan, want, have State) error {
	wanted, live := want.Authority, have.Authority
	if wanted.Name == "" || wanted == live {
		return nil
	}
	if live.Name != "" && !live.Owned {
		return fault.New(fault.Conflict, "delete it, or give the release another name", "secret %s exists and is not this module's", live.Name)
	}
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.shown(), Payload: wanted}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.shown()
	}
	p.Add(change)
	return nil
}

// planNoAuthority removes the Secret that no pod of the release mounts any more.
func planNoAuthority(p *plan.Plan, want, have State) {
	if want.Authority.Name == "" && have.Authority.Owned {
		p.Add(plan.Change{Path: "secret/" + have.Authority.Name, Verb: plan.Delete, Before: have.Authority.shown()})
	}
}
