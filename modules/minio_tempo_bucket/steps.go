// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/minio"
)

// do is what a step does with the store.
type do = func(context.Context, minio.Writer) error

func createBucket(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.CreateBucket(minio.Patient(ctx), spec.Bucket, spec.ObjectLock != nil && *spec.ObjectLock)
	}
}

func setBucketPolicy(spec Spec, policy minio.Document) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetBucketPolicy(minio.Patient(ctx), spec.Bucket, policy)
	}
}

func setVersioning(spec Spec, on bool) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetVersioning(minio.Patient(ctx), spec.Bucket, on)
	}
}

func setQuota(spec Spec, bytes uint64) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetQuota(minio.Patient(ctx), spec.Bucket, bytes)
	}
}

func setLifecycle(spec Spec, rules minio.Lifecycle) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetLifecycle(minio.Patient(ctx), spec.Bucket, rules)
	}
}

func setTags(spec Spec, tags map[string]string) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetTags(minio.Patient(ctx), spec.Bucket, tags)
	}
}

func (c *client) putUser(spec Spec, enabled bool) do {
	return func(ctx context.Context, w minio.Writer) error {
		c.keyWritten = true
		return w.PutUser(minio.Patient(ctx), spec.User, spec.UserSecretKey, enabled)
	}
}

func enableUser(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetUserEnabled(minio.Patient(ctx), spec.User, spec.UserEnabled)
	}
}

func putPolicy(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.PutPolicy(minio.Patient(ctx), spec.PolicyName, spec.Policy)
	}
}

func setPolicies(spec Spec, from, to []string) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.SetPolicies(minio.Patient(ctx), spec.User, from, to)
	}
}

// prove makes the calls of Tempo as its user.
func (c *client) prove(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		err := w.Prove(minio.Patient(ctx), spec.User, spec.UserSecretKey, spec.Bucket)
		c.proven = err == nil
		return err
	}
}

func removeUser(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error { return w.RemoveUser(minio.Patient(ctx), spec.User) }
}

func removePolicy(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.RemovePolicy(minio.Patient(ctx), spec.PolicyName)
	}
}

func removeObjects(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.RemoveObjects(minio.Patient(ctx), spec.Bucket, "")
	}
}

func removeBucket(spec Spec) do {
	return func(ctx context.Context, w minio.Writer) error {
		return w.RemoveBucket(minio.Patient(ctx), spec.Bucket)
	}
}
