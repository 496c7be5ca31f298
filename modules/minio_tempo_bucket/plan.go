// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Plan is the way from have to want, in the order of the seed procedure:
// bucket, user, policy, and the attachment that it forgets.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	p := planner{want: want, have: have}
	if want.Wish.Absent {
		p.absent()
		return p.plan, nil
	}
	p.bucket()
	p.user()
	p.policy()
	p.attachment()
	return p.plan, nil
}

type planner struct {
	want, have State
	plan       plan.Plan
}

func (p *planner) add(verb plan.Verb, path string, before, after any, step step) {
	p.plan.Add(plan.Change{Path: path, Verb: verb, Before: before, After: after, Payload: step})
}

func (p *planner) bucket() {
	if p.have.Bucket == nil {
		p.add(plan.Create, "bucket/"+p.want.Names.Bucket, nil, map[string]any{"region": p.want.Bucket.Region}, createBucket{})
	}
}

func (p *planner) user() {
	want, have, path := p.want.User, p.have.User, "user/"+p.want.Names.User
	put := putUser{enabled: want.Enabled}
	if have == nil {
		p.add(plan.Create, path, nil, map[string]any{"enabled": want.Enabled, "secret_key": secret.After}, put)
		return
	}
	if have.Enabled != want.Enabled {
		p.add(plan.Update, path+"/enabled", have.Enabled, want.Enabled, put)
	}
	if have.Key == KeyWrong || (p.want.Wish.AlwaysWriteKey && have.Key != KeyRight) {
		p.add(plan.Update, path+"/secret_key", secret.Before, secret.After, put)
	}
}

func (p *planner) policy() {
	if p.want.Policy.Means(p.have.Policy) {
		return
	}
	verb, before := plan.Update, any(p.have.Policy.Normal())
	if p.have.Policy == nil {
		verb, before = plan.Create, nil
	}
	p.add(verb, "policy/"+p.want.Names.Policy, before, p.want.Policy.Normal(), putPolicy{})
}

func (p *planner) attachment() {
	have := p.policies()
	want := slices.Clone(p.want.User.Policies)
	if !p.want.Wish.Exclusive {
		want = append(want, have...)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if slices.Equal(want, have) {
		return
	}
	p.add(plan.Update, "user/"+p.want.Names.User+"/policies", have, want, setPolicies{from: have, to: want})
}

// policies are those that the user has; a user that is still to be created has
// none.
func (p *planner) policies() []string {
	if p.have.User == nil {
		return []string{}
	}
	return p.have.User.Policies
}

func (p *planner) absent() {
	if p.have.User != nil {
		user := "user/" + p.want.Names.User
		if have := p.policies(); len(have) > 0 {
			p.add(plan.Delete, user+"/policies", have, nil, setPolicies{from: have})
		}
		p.add(plan.Delete, user, map[string]any{"enabled": p.have.User.Enabled}, nil, removeUser{})
	}
	if p.have.Policy != nil {
		p.add(plan.Delete, "policy/"+p.want.Names.Policy, p.have.Policy.Normal(), nil, removePolicy{})
	}
}
