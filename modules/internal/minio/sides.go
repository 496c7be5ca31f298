// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Reader is the side of a Server that changes nothing.
type Reader interface {
	AbortsItself() bool
	BucketPolicy(ctx context.Context, bucket string) (document Document, found bool, err error)
	CountObjects(ctx context.Context, bucket string, limit int) (int, error)
	HidesBuckets() bool
	KeyWorks(ctx context.Context, name string, key secret.Text, bucket string) (works, sees bool, err error)
	Lifecycle(ctx context.Context, bucket string) (Lifecycle, error)
	ObjectLock(ctx context.Context, bucket string) (bool, error)
	Policy(ctx context.Context, name string) (Document, error)
	Quota(ctx context.Context, bucket string) (uint64, error)
	Region() string
	Tags(ctx context.Context, bucket string) (map[string]string, error)
	User(ctx context.Context, name string) (*User, error)
	Versioning(ctx context.Context, bucket string) (string, error)
}

// Writer is the side that changes the store. Prove is here since it writes an
// object and removes it again.
type Writer interface {
	CreateBucket(ctx context.Context, bucket string, objectLock bool) error
	Prove(ctx context.Context, user string, key secret.Text, bucket string) error
	PutPolicy(ctx context.Context, name string, document Document) error
	PutUser(ctx context.Context, name string, key secret.Text, enabled bool) error
	RemoveBucket(ctx context.Context, bucket string) error
	RemoveObjects(ctx context.Context, bucket, prefix string) error
	RemovePolicy(ctx context.Context, name string) error
	RemoveUser(ctx context.Context, name string) error
	SetBucketPolicy(ctx context.Context, bucket string, document Document) error
	SetLifecycle(ctx context.Context, bucket string, wanted Lifecycle) error
	SetPolicies(ctx context.Context, user string, from, to []string) error
	SetQuota(ctx context.Context, bucket string, bytes uint64) error
	SetTags(ctx context.Context, bucket string, wanted map[string]string) error
	SetUserEnabled(ctx context.Context, name string, enabled bool) error
	SetVersioning(ctx context.Context, bucket string, on bool) error
}

var (
	_ Reader = (*Server)(nil)
	_ Writer = (*Server)(nil)
)
