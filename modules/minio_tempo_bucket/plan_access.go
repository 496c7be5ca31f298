// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

func (p *planner) user() {
	have, path := p.status.User, "user/"+p.spec.User
	if have == nil {
		p.add(plan.Create, path, nil, map[string]any{"enabled": p.spec.UserEnabled, "secret_key": secret.After}, p.client.putUser(p.spec, p.spec.UserEnabled))
		return
	}
	if have.Enabled != p.spec.UserEnabled {
		p.add(plan.Update, path+"/enabled", have.Enabled, p.spec.UserEnabled, p.enable())
	}
	if have.Key == KeyWrong || (p.spec.UpdateSecret == updateAlways && have.Key != KeyRight) {
		p.add(plan.Update, path+"/secret_key", secret.Before, secret.After, p.client.putUser(p.spec, p.spec.UserEnabled))
	}
}

// enable writes the key along when it enables a user: while the user was
// disabled nobody could tell whether its key was right.
func (p *planner) enable() do {
	if p.spec.UpdateSecret == updateOnCreate || !p.spec.UserEnabled {
		return enableUser(p.spec)
	}
	return p.client.putUser(p.spec, true)
}

func (p *planner) policy() {
	if p.spec.Policy.Means(p.status.Policy) {
		return
	}
	path := "policy/" + p.spec.PolicyName
	if p.status.Policy == nil {
		p.add(plan.Create, path, nil, p.spec.Policy.Normal(), putPolicy(p.spec))
		return
	}
	p.add(plan.Update, path, p.status.Policy.Normal(), p.spec.Policy.Normal(), putPolicy(p.spec))
}

// attachment leaves a user that is to be disabled alone: the server attaches
// nothing to such a user, who may do nothing anyway.
func (p *planner) attachment() {
	if !p.spec.UserEnabled {
		return
	}
	var have []string
	var before any // a new user has none, not even an empty list
	if p.status.User != nil {
		have = p.status.User.Policies
		before = have
	}
	want := []string{p.spec.PolicyName}
	if !p.spec.ExclusivePolicies {
		want = append(want, have...)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(want, have) {
		p.add(plan.Update, "user/"+p.spec.User+"/policies", before, want, setPolicies(p.spec, have, want))
	}
}

func (p *planner) proof() {
	if !p.status.Store.Admin && p.spec.Admin == "auto" {
		p.plan.Warn("the store does not answer MinIO's admin calls, so user %s and its policy are not managed: create them with the store's own tools, and set admin: none", p.spec.User)
	}
	prove := p.spec.Prove
	if prove == ProveAlways || (prove == ProveChange && len(p.plan.Changes) > 0) {
		p.add(plan.Await, "access/"+p.spec.User, nil, nil, p.client.prove(p.spec))
	}
}
