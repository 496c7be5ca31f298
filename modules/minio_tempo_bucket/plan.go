// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Plan is the way from have to want, in the order of the seed procedure:
// bucket, user, policy, and the attachment that it forgets.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	p := &planner{want: want, have: have}
	if err := p.refusal(); err != nil {
		return p.plan, err
	}
	if want.Wish.Absent {
		p.absent()
		return p.plan, nil
	}
	p.bucket()
	if have.Store.Admin {
		p.user()
		p.policy()
		p.attachment()
	}
	p.proof()
	return p.plan, nil
}

type planner struct {
	want, have State
	plan       plan.Plan
}

func (p *planner) add(verb plan.Verb, path string, before, after any, step step) {
	p.plan.Add(plan.Change{Path: path, Verb: verb, Before: before, After: after, Payload: step})
}

// refusal is what cannot be done, or must be asked for in other words.
func (p *planner) refusal() error {
	switch {
	case p.want.Wish.Absent:
		return p.keptObjects()
	case p.have.User != nil && p.have.User.Key == KeyWrong && !p.have.Store.Admin:
		return fault.New(fault.Denied, "create the user with the store's own tools, or give its right key in user_secret_key",
			"the store refuses the key of user %s, and users are not managed here", p.want.Names.User)
	case p.want.Bucket.Settings.Quota != nil && !p.have.Store.Admin:
		return fault.New(fault.Unsupported, "leave quota out", "quota needs MinIO's admin API, which this store does not have")
	}
	return p.lockedOtherwise()
}

func (p *planner) lockedOtherwise() error {
	want := p.want.Bucket.Settings.ObjectLock
	if want == nil || p.have.Bucket == nil || *p.have.Bucket.Settings.ObjectLock == *want {
		return nil
	}
	return fault.New(fault.Unsupported, "object lock is decided when a bucket is made: leave object_lock out, or use another bucket",
		"bucket %s exists, and its object lock is %v, not %v", p.want.Names.Bucket, !*want, *want)
}

func (p *planner) bucket() {
	name, want, have := p.want.Names.Bucket, p.want.Bucket.Settings, p.have.Bucket
	if have == nil {
		after := map[string]any{"region": p.want.Bucket.Region}
		if want.ObjectLock != nil {
			after["object_lock"] = *want.ObjectLock
		}
		p.add(plan.Create, "bucket/"+name, nil, after, createBucket{})
		p.settings(want, fresh(want))
		return
	}
	p.public()
	p.settings(want, have.Settings)
}

func (p *planner) public() {
	open := p.have.Bucket.Policy.Public()
	switch {
	case len(open) == 0:
	case p.want.Wish.ClosePublic:
		p.add(plan.Update, "bucket/"+p.want.Names.Bucket+"/anonymous_access", open, []any{}, closePublic{rest: p.have.Bucket.Policy.Closed()})
	default:
		p.plan.Warn("bucket %s lets anybody in, without a login: set anonymous_access: closed to end that", p.want.Names.Bucket)
	}
}

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
	have := []string{}
	if p.have.User != nil {
		have = p.have.User.Policies
	}
	want := slices.Clone(p.want.User.Policies)
	if !p.want.Wish.Exclusive {
		want = append(want, have...)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(want, have) {
		p.add(plan.Update, "user/"+p.want.Names.User+"/policies", have, want, setPolicies{from: have, to: want})
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
