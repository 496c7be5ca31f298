// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

// step is what a change does to the store, with what it needs beyond the
// arguments.
type step interface {
	do(context.Context, *Module, Args) error
}

type (
	createBucket  struct{}
	closePublic   struct{ rest minio.Document }
	setVersioning struct{ on bool }
	setQuota      struct{ bytes uint64 }
	setLifecycle  struct{ minio.Lifecycle }
	setTags       struct{ tags map[string]string }
	putUser       struct{ enabled bool }
	enableUser    struct{ enabled bool }
	putPolicy     struct{}
	setPolicies   struct{ from, to []string }
	prover        struct{}
	removeUser    struct{}
	removePolicy  struct{}
	removeObjects struct{}
	removeBucket  struct{}
)

// Apply does one change.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	return change.Payload.(step).do(minio.Patient(ctx), m, args)
}

func (createBucket) do(ctx context.Context, m *Module, args Args) error {
	return m.server.CreateBucket(ctx, args.Bucket, args.ObjectLock != nil && *args.ObjectLock)
}

func (s closePublic) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetBucketPolicy(ctx, args.Bucket, s.rest)
}

func (s setVersioning) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetVersioning(ctx, args.Bucket, s.on)
}

func (s setQuota) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetQuota(ctx, args.Bucket, s.bytes)
}

func (s setLifecycle) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetLifecycle(ctx, args.Bucket, s.Lifecycle)
}

func (s setTags) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetTags(ctx, args.Bucket, s.tags)
}

func (s putUser) do(ctx context.Context, m *Module, args Args) error {
	m.keyWritten = true
	return m.server.PutUser(ctx, args.User, args.UserSecretKey, s.enabled)
}

func (s enableUser) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetUserEnabled(ctx, args.User, s.enabled)
}

func (putPolicy) do(ctx context.Context, m *Module, args Args) error {
	return m.server.PutPolicy(ctx, args.policyName(), args.document())
}

func (s setPolicies) do(ctx context.Context, m *Module, args Args) error {
	return m.server.SetPolicies(ctx, args.User, s.from, s.to)
}

func (prover) do(ctx context.Context, m *Module, args Args) error {
	err := m.server.Prove(ctx, args.User, args.UserSecretKey, args.Bucket)
	m.proven = err == nil
	return err
}

func (removeUser) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemoveUser(ctx, args.User)
}

func (removePolicy) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemovePolicy(ctx, args.policyName())
}

func (removeObjects) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemoveObjects(ctx, args.Bucket, "")
}

func (removeBucket) do(ctx context.Context, m *Module, args Args) error {
	return m.server.RemoveBucket(ctx, args.Bucket)
}
