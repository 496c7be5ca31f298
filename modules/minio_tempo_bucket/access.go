// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

func (p *planner) user() {
	want, have, path := p.want.User, p.have.User, "user/"+p.want.Names.User
	if have == nil {
		p.add(plan.Create, path, nil, map[string]any{"enabled": want.Enabled, "secret_key": secret.After}, putUser{enabled: want.Enabled})
		return
	}
	if have.Enabled != want.Enabled {
		p.add(plan.Update, path+"/enabled", have.Enabled, want.Enabled, p.enable())
	}
	if have.Key == KeyWrong || (p.want.Wish.AlwaysWriteKey && have.Key != KeyRight) {
		p.add(plan.Update, path+"/secret_key", secret.Before, secret.After, putUser{enabled: want.Enabled})
	}
}

// enable writes the key along when it enables a user: while the user was
// disabled nobody could tell whether its key was right.
func (p *planner) enable() step {
	if p.want.Wish.LeaveKey || !p.want.User.Enabled {
		return enableUser{enabled: p.want.User.Enabled}
	}
	return putUser{enabled: true}
}

func (p *planner) policy() {
	if p.want.Policy.Means(p.have.Policy) {
		return
	}
	path := "policy/" + p.want.Names.Policy
	if p.have.Policy == nil {
		p.add(plan.Create, path, nil, p.want.Policy.Normal(), putPolicy{})
		return
	}
	p.add(plan.Update, path, p.have.Policy.Normal(), p.want.Policy.Normal(), putPolicy{})
}

// attachment leaves a user alone that is to be disabled: the server attaches
// nothing to such a user, who may do nothing anyway.
func (p *planner) attachment() {
	if !p.want.User.Enabled {
		return
	}
	var have []string
	var before any // a new user has none, not even an empty list
	if p.have.User != nil {
		have = p.have.User.Policies
		before = have
	}
	want := slices.Clone(p.want.User.Policies)
	if !p.want.Wish.Exclusive {
		want = append(want, have...)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(want, have) {
		p.add(plan.Update, "user/"+p.want.Names.User+"/policies", before, want, setPolicies{from: have, to: want})
	}
}

func (p *planner) proof() {
	if !p.have.Store.Admin && p.want.Wish.Admin == "auto" {
		p.plan.Warn("the store does not answer MinIO's admin calls, so user %s and its policy are not managed: make them with the store's own tools, and set admin: none", p.want.Names.User)
	}
	prove := p.want.Wish.Prove
	if prove == ProveAlways || (prove == ProveChange && len(p.plan.Changes) > 0) {
		p.add(plan.Await, "access/"+p.want.Names.User, nil, nil, prover{})
	}
}
