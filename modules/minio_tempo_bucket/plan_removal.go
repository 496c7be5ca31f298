// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"fmt"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// keptObjects refuses to remove a bucket with objects unless that is asked for.
func (p *planner) keptObjects() error {
	bucket := p.status.Bucket
	if !p.spec.RemoveBucket || p.spec.ForceRemoveBucket || bucket == nil || bucket.Objects == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "set force_remove_bucket: true to delete them, which deletes the traces",
		"bucket %s holds %s", p.spec.Bucket, amount(bucket.Objects))
}

func amount(objects int) string {
	if objects == countLimit {
		return fmt.Sprintf("%d objects or more", objects)
	}
	return fmt.Sprintf("%d objects", objects)
}

// absent plans the removal: the permission first, the data last.
func (p *planner) absent() {
	if user, path := p.status.User, "user/"+p.spec.User; user != nil && p.status.Store.Admin {
		if len(user.Policies) > 0 && user.Enabled { // the server detaches nothing from a disabled user
			p.add(plan.Delete, path+"/policies", user.Policies, nil, setPolicies(p.spec, user.Policies, nil))
		}
		p.add(plan.Delete, path, map[string]any{"enabled": user.Enabled}, nil, removeUser(p.spec))
	}
	if p.status.Policy != nil {
		p.add(plan.Delete, "policy/"+p.spec.PolicyName, p.status.Policy.Normal(), nil, removePolicy(p.spec))
	}
	if bucket := p.status.Bucket; bucket != nil && p.spec.RemoveBucket {
		p.removeBucket(bucket, "bucket/"+p.spec.Bucket)
	}
}

func (p *planner) removeBucket(bucket *Bucket, path string) {
	if bucket.Objects > 0 {
		p.add(plan.Delete, path+"/objects", bucket.Objects, nil, removeObjects(p.spec))
	}
	p.add(plan.Delete, path, map[string]any{"region": p.status.Store.Region}, nil, removeBucket(p.spec))
}
