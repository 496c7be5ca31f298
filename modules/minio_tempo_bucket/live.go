// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"
	"errors"

	"github.com/picluster/tracing/modules/internal/minio"
)

// glance is how far the objects of a bucket are counted that must be empty.
const glance = 1000

// Observe reads bucket, user and policy.
func (m *Module) Observe(ctx context.Context, args Args) (have State, err error) {
	ctx = minio.Patient(ctx)
	if m.server == nil {
		if m.server, err = minio.Open(args.Access); err != nil {
			return have, err
		}
	}
	if have.Bucket, err = m.bucket(ctx, args); err != nil {
		return have, err
	}
	if have.User, have.Store.Admin, err = m.user(ctx, args); err != nil {
		return have, err
	}
	if have.Store.Admin {
		have.Policy, err = m.server.Policy(ctx, args.policyName())
	}
	if err == nil && have.Bucket != nil && !args.absent() {
		// Last, since by now the server is known.
		have.Bucket.Settings, err = m.settings(ctx, args)
	}
	have.Store.Region = m.server.Region()
	have.Store.Proven = m.proven
	have.Store.AbortsItself = m.server.AbortsItself()
	return have, err
}

// bucket reads the bucket itself, and counts its objects where it is to go.
func (m *Module) bucket(ctx context.Context, args Args) (*Bucket, error) {
	policy, found, err := m.server.BucketPolicy(ctx, args.Bucket)
	if err != nil || !found {
		return nil, err
	}
	bucket := &Bucket{Policy: policy}
	switch {
	case !args.absent() || !args.RemoveBucket:
	case args.ForceRemoveBucket:
		bucket.Objects, err = m.server.CountObjects(ctx, args.Bucket, 0)
	default:
		bucket.Objects, err = m.server.CountObjects(ctx, args.Bucket, glance)
	}
	return bucket, err
}

// user reads a user and tries its key; admin is false when users are made
// elsewhere.
func (m *Module) user(ctx context.Context, args Args) (user *User, admin bool, err error) {
	if !args.managesUsers() {
		user, err = m.foreign(ctx, args)
		return user, false, err
	}
	found, err := m.server.User(ctx, args.User)
	if args.Admin == "auto" && errors.Is(err, minio.ErrNoAdmin) {
		user, err = m.foreign(ctx, args)
		return user, false, err
	}
	if err != nil || found == nil {
		return nil, true, err
	}
	user = &User{Enabled: found.Enabled, Policies: found.Policies}
	user.Key, err = m.key(ctx, args, found.Enabled)
	return user, true, err
}

// foreign is a user that is made elsewhere: all that can be seen is its key.
func (m *Module) foreign(ctx context.Context, args Args) (*User, error) {
	key, err := m.key(ctx, args, true)
	return &User{Enabled: true, Policies: []string{}, Key: key}, err
}

// key tries the key where that tells something: a disabled user is refused
// with every key.
func (m *Module) key(ctx context.Context, args Args, enabled bool) (Key, error) {
	if m.keyWritten && args.UpdateSecret == "always" {
		return KeyRight, nil
	}
	if !enabled || !args.triesKey() {
		return KeyUnknown, nil
	}
	works, err := m.server.KeyWorks(ctx, args.User, args.UserSecretKey, args.Bucket)
	if err != nil || !works {
		return KeyWrong, err
	}
	return KeyRight, nil
}
