// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"fmt"

	"github.com/picluster/tracing/modules/internal/fault"
)

// hidden refuses a bucket that Tempo's user would not find: in Garage a bucket that
// is created over S3 has a name for the key alone that created it.
func (p *planner) hidden() error {
	user, name := p.status.User, p.spec.Bucket
	switch {
	case user == nil || p.spec.User == p.spec.AccessKey:
	case p.status.Bucket != nil && user.Key == KeyBlind:
		return fault.New(fault.NotFound, "name it for all keys (garage bucket alias ID "+name+", with the ID of garage bucket list), and "+p.let(),
			"bucket %s is there for access_key and not for user %s", name, p.spec.User)
	case p.status.Bucket == nil && p.status.Store.HidesBuckets && user.Key != KeyUnknown:
		return fault.New(fault.Unsupported, "create it on the store (garage bucket create "+name+"), and "+p.let()+"; or give the same key as access_key and user",
			"bucket %s would be there for access_key alone, and Tempo logs in as user %s", name, p.spec.User)
	}
	return nil
}

// warnOfHidden says whose a new bucket is when Tempo's key was not given.
func (p *planner) warnOfHidden() {
	if p.status.Store.HidesBuckets && p.spec.User != p.spec.AccessKey {
		p.plan.Warn("bucket %s is there for access_key alone, so Tempo must log in with it; for another key create it on the store (garage bucket create %[1]s)", p.spec.Bucket)
	}
}

// let is how a key gets into a bucket of Garage.
func (p *planner) let() string {
	return fmt.Sprintf("let both keys in: garage bucket allow --read --write --owner %s --key KEY", p.spec.Bucket)
}
