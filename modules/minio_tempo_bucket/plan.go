// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
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
		after := map[string]any{"region": p.have.Store.Region}
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
