// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan is the path from status to spec, in the order of the seed procedure:
// bucket, user, policy, and the attachment that it forgets.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	p := &planner{client: c, spec: spec, status: status}
	if err := p.refusal(); err != nil {
		return p.plan, err
	}
	if spec.absent() {
		p.absent()
		return p.plan, nil
	}
	p.bucket()
	if status.Store.Admin {
		p.user()
		p.policy()
		p.attachment()
	}
	p.proof()
	return p.plan, nil
}

type planner struct {
	client *client
	spec   Spec
	status Status
	plan   plan.Plan
}

func (p *planner) add(verb plan.Verb, path string, before, after any, do do) {
	p.plan.Add(plan.Change{Path: path, Verb: verb, Before: before, After: after, Step: p.client.writer.Step(do)})
}

// refusal is why the task cannot be done as it stands.
func (p *planner) refusal() error {
	switch {
	case p.spec.absent():
		return p.keptObjects()
	case p.status.User != nil && p.status.User.Key == KeyWrong && !p.status.Store.Admin:
		return fault.New(fault.Denied, "create the user with the store's own tools, or give its right key in user_secret_key",
			"the store refuses the key of user %s, and users are not managed here", p.spec.User)
	case p.spec.Settings.Quota != nil && !p.status.Store.Admin:
		return fault.New(fault.Unsupported, "leave quota out", "quota needs MinIO's admin API, which this store does not have")
	}
	if err := p.hidden(); err != nil {
		return err
	}
	return p.lockedOtherwise()
}

func (p *planner) lockedOtherwise() error {
	want := p.spec.Settings.ObjectLock
	if want == nil || p.status.Bucket == nil || *p.status.Bucket.Settings.ObjectLock == *want {
		return nil
	}
	return fault.New(fault.Unsupported, "object lock is decided when a bucket is created: leave object_lock out, or use another bucket",
		"bucket %s exists, and its object lock is %v, not %v", p.spec.Bucket, !*want, *want)
}

func (p *planner) bucket() {
	name, want, have := p.spec.Bucket, p.spec.Settings, p.status.Bucket
	if have == nil {
		after := map[string]any{"region": p.status.Store.Region}
		if want.ObjectLock != nil {
			after["object_lock"] = *want.ObjectLock
		}
		p.add(plan.Create, "bucket/"+name, nil, after, createBucket(p.spec))
		p.settings(want, fresh(want))
		p.warnOfHidden()
		return
	}
	p.public()
	p.settings(want, have.Settings)
}

func (p *planner) public() {
	open := p.status.Bucket.Policy.Public()
	switch {
	case len(open) == 0:
	case p.spec.AnonymousAccess == "closed":
		p.add(plan.Update, "bucket/"+p.spec.Bucket+"/anonymous_access", open, []any{}, setBucketPolicy(p.spec, p.status.Bucket.Policy.Closed()))
	default:
		p.plan.Warn("bucket %s allows anonymous access: set anonymous_access: closed to end that", p.spec.Bucket)
	}
}
