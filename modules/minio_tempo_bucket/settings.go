// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"
	"maps"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

// settings reads what the task asks for and nothing else: each setting is a
// request.
func (m *Module) settings(ctx context.Context, args Args) (have Settings, err error) {
	if have.ObjectLock, err = ask(ctx, args.ObjectLock != nil, args.Bucket, m.server.ObjectLock); err != nil {
		return have, err
	}
	if have.Versioning, err = m.versioning(ctx, args, have.ObjectLock); err != nil {
		return have, err
	}
	if have.Quota, err = ask(ctx, args.Quota != "", args.Bucket, m.server.Quota); err != nil {
		return have, err
	}
	wanted := args.ExpireDays != nil || !m.server.AbortsItself()
	lifecycle, err := ask(ctx, wanted, args.Bucket, m.server.Lifecycle)
	if err != nil {
		return have, err
	}
	if lifecycle != nil {
		have.AbortDays, have.ExpireDays = &lifecycle.AbortDays, &lifecycle.ExpireDays
	}
	if args.Tags != nil {
		have.Tags, err = m.server.Tags(ctx, args.Bucket)
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
func (m *Module) versioning(ctx context.Context, args Args, locked *bool) (string, error) {
	switch {
	case args.Versioning == "":
		return "", nil
	case locked != nil && *locked:
		return minio.VersioningOn, nil
	}
	return m.server.Versioning(ctx, args.Bucket)
}

// fresh are the settings of a bucket that was just made.
func fresh(want Settings) Settings {
	nothing, none := 0, uint64(0)
	have := Settings{Versioning: minio.VersioningOff, ObjectLock: want.ObjectLock, Quota: &none,
		AbortDays: &nothing, ExpireDays: &nothing, Tags: map[string]string{}}
	if want.ObjectLock != nil && *want.ObjectLock {
		have.Versioning = minio.VersioningOn
	}
	return have
}

// settings plans the way from have to want.
func (p *planner) settings(want, have Settings) {
	path := "bucket/" + p.want.Names.Bucket
	if !sameVersioning(want.Versioning, have.Versioning) {
		p.add(plan.Update, path+"/versioning", have.Versioning, want.Versioning, setVersioning{on: want.Versioning == minio.VersioningOn})
	}
	if want.Quota != nil && *want.Quota != *have.Quota {
		p.add(plan.Update, path+"/quota", *have.Quota, *want.Quota, setQuota{bytes: *want.Quota})
	}
	p.lifecycle(path+"/lifecycle", want, have)
	tags := maps.Clone(have.Tags)
	maps.Copy(tags, want.Tags)
	if !maps.Equal(tags, have.Tags) {
		p.add(plan.Update, path+"/tags", have.Tags, tags, setTags{tags: tags})
	}
}

// sameVersioning counts suspended as off, since there is no way further back.
func sameVersioning(want, have string) bool {
	return want == "" || want == have || (want == minio.VersioningOff && have == minio.VersioningSuspended)
}

func (p *planner) lifecycle(path string, want, have Settings) {
	if have.AbortDays == nil {
		return // neither was asked for, or the store clears up by itself
	}
	before := minio.Lifecycle{AbortDays: *have.AbortDays, ExpireDays: *have.ExpireDays}
	after := before
	if !p.have.Store.AbortsItself {
		after.AbortDays = *want.AbortDays
	}
	if want.ExpireDays != nil {
		after.ExpireDays = *want.ExpireDays
	}
	if after != before {
		p.add(plan.Update, path, days(before), days(after), setLifecycle{after})
	}
}

func days(rules minio.Lifecycle) map[string]any {
	return map[string]any{"abort_incomplete_days": rules.AbortDays, "expire_days": rules.ExpireDays}
}
