// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"fmt"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// keptObjects refuses to remove a bucket that is not empty without being asked.
func (p *planner) keptObjects() error {
	bucket, wish := p.have.Bucket, p.want.Wish
	if !wish.RemoveBucket || wish.RemoveObjects || bucket == nil || bucket.Objects == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "set force_remove_bucket: true to delete them, which deletes the traces",
		"bucket %s holds %s", p.want.Names.Bucket, amount(bucket.Objects))
}

func amount(objects int) string {
	if objects == glance {
		return fmt.Sprintf("%d objects or more", objects)
	}
	return fmt.Sprintf("%d objects", objects)
}

// absent plans the removal: the permission first, the data last.
func (p *planner) absent() {
	if user, path := p.have.User, "user/"+p.want.Names.User; user != nil && p.have.Store.Admin {
		if len(user.Policies) > 0 && user.Enabled { // the server detaches nothing from a disabled user
			p.add(plan.Delete, path+"/policies", user.Policies, nil, setPolicies{from: user.Policies})
		}
		p.add(plan.Delete, path, map[string]any{"enabled": user.Enabled}, nil, removeUser{})
	}
	if p.have.Policy != nil {
		p.add(plan.Delete, "policy/"+p.want.Names.Policy, p.have.Policy.Normal(), nil, removePolicy{})
	}
	if bucket := p.have.Bucket; bucket != nil && p.want.Wish.RemoveBucket {
		p.removeBucket(bucket, "bucket/"+p.want.Names.Bucket)
	}
}

func (p *planner) removeBucket(bucket *Bucket, path string) {
	if bucket.Objects > 0 {
		p.add(plan.Delete, path+"/objects", bucket.Objects, nil, removeObjects{})
	}
	p.add(plan.Delete, path, map[string]any{"region": p.have.Store.Region}, nil, removeBucket{})
}
