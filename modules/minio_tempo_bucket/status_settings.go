// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/minio"
)

// Settings are those of a bucket that somebody asked for; the others stay nil
// or empty.
type Settings struct {
	Versioning string
	ObjectLock *bool
	// Quota in bytes.
	Quota                 *uint64
	AbortDays, ExpireDays *int
	Tags                  map[string]string
}

// settings reads what the task asks for and nothing else: each setting is a
// request. A quota is one to the admin API.
func (c *client) settings(ctx context.Context, spec Spec, admin bool) (have Settings, err error) {
	if have.ObjectLock, err = ask(ctx, spec.ObjectLock != nil, spec.Bucket, c.store.ObjectLock); err != nil {
		return have, err
	}
	if have.Versioning, err = c.versioning(ctx, spec, have.ObjectLock); err != nil {
		return have, err
	}
	if have.Quota, err = ask(ctx, spec.Quota != "" && admin, spec.Bucket, c.store.Quota); err != nil {
		return have, err
	}
	wanted := spec.ExpireDays != nil || !c.store.AbortsItself()
	lifecycle, err := ask(ctx, wanted, spec.Bucket, c.store.Lifecycle)
	if err != nil {
		return have, err
	}
	if lifecycle != nil {
		have.AbortDays, have.ExpireDays = &lifecycle.AbortDays, &lifecycle.ExpireDays
	}
	if len(spec.Tags) > 0 {
		have.Tags, err = c.store.Tags(ctx, spec.Bucket)
	}
	return have, err
}

// ask reads one setting if it is wanted; nil if not.
func ask[T any](ctx context.Context, wanted bool, bucket string, read func(context.Context, string) (T, error)) (*T, error) {
	if !wanted {
		return nil, nil
	}
	value, err := read(ctx, bucket)
	return &value, err
}

// versioning is known without a request where object lock enforces it.
func (c *client) versioning(ctx context.Context, spec Spec, locked *bool) (string, error) {
	switch {
	case spec.Versioning == "":
		return "", nil
	case locked != nil && *locked:
		return minio.VersioningOn, nil
	}
	return c.store.Versioning(ctx, spec.Bucket)
}
