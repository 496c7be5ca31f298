// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/minio"
)

// Observe reads bucket, user and policy.
func (m *Module) Observe(ctx context.Context, args Args) (have State, err error) {
	if m.server == nil {
		if m.server, err = minio.Open(args.Access); err != nil {
			return have, err
		}
	}
	if have.Bucket, err = m.bucket(ctx, args); err != nil {
		return have, err
	}
	if have.User, err = m.user(ctx, args); err != nil {
		return have, err
	}
	have.Policy, err = m.server.Policy(ctx, args.policyName())
	return have, err
}

func (m *Module) bucket(ctx context.Context, args Args) (*Bucket, error) {
	policy, found, err := m.server.BucketPolicy(ctx, args.Bucket)
	if err != nil || !found {
		return nil, err
	}
	return &Bucket{Region: m.server.Region(), Public: policy != ""}, nil
}

func (m *Module) user(ctx context.Context, args Args) (*User, error) {
	found, err := m.server.User(ctx, args.User)
	if err != nil || found == nil {
		return nil, err
	}
	user := &User{Enabled: found.Enabled, Policies: found.Policies}
	user.Key, err = m.key(ctx, args, user)
	return user, err
}

// key tries the key where that tells something: a disabled user is refused
// with every key.
func (m *Module) key(ctx context.Context, args Args, user *User) (Key, error) {
	switch {
	case m.keyWritten && args.UpdateSecret == "always":
		return KeyRight, nil
	case args.UpdateSecret != "verify" || args.absent() || !user.Enabled:
		return KeyUnknown, nil
	}
	works, err := m.server.KeyWorks(ctx, args.User, args.UserSecretKey, args.Bucket)
	if err != nil || !works {
		return KeyWrong, err
	}
	return KeyRight, nil
}
