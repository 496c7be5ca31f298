// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/plan"
)

// step is what a change does to the store, with what it needs beyond the
// arguments.
type step interface {
	do(context.Context, *Module, Args) error
}

type (
	createBucket struct{}
	putUser      struct{ enabled bool }
	putPolicy    struct{}
	setPolicies  struct{ from, to []string }
	removeUser   struct{}
	removePolicy struct{}
)

// Apply does one change.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	return change.Payload.(step).do(ctx, m, args)
}

func (createBucket) do(ctx context.Context, m *Module, args Args) error {
	return m.server.CreateBucket(ctx, args.Bucket, false)
}

// A user's key is written together with its status: while it is disabled nobody
// can tell whether its key is right.
func (s putUser) do(ctx context.Context, m *Module, args Args) error {
	m.keyWritten = true
	return m.server.PutUser(ctx, args.User, args.UserSecretKey, s.enabled)
}

func (putPolicy) do(ctx context.Context, m *Module, args Args) error {
	return m.server.PutPolicy(ctx, args.policyName(), args.document())
}

func (s setPolicies) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetPolicies(ctx, args.User, s.from, s.to)
}

func (removeUser) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemoveUser(ctx, args.User)
}

func (removePolicy) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemovePolicy(ctx, args.policyName())
}
