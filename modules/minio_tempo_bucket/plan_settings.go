// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

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

// settings plans the changes from have to want.
func (p *planner) settings(want, have Settings) {
	path := "bucket/" + p.spec.Bucket
	if !sameVersioning(want.Versioning, have.Versioning) {
		p.add(plan.Update, path+"/versioning", have.Versioning, want.Versioning, setVersioning(p.spec, want.Versioning == minio.VersioningOn))
	}
	if want.Quota != nil && *want.Quota != *have.Quota {
		p.add(plan.Update, path+"/quota", *have.Quota, *want.Quota, setQuota(p.spec, *want.Quota))
	}
	p.lifecycle(path+"/lifecycle", want, have)
	tags := maps.Clone(have.Tags)
	maps.Copy(tags, want.Tags)
	if !maps.Equal(tags, have.Tags) {
		p.add(plan.Update, path+"/tags", have.Tags, tags, setTags(p.spec, tags))
	}
}

// sameVersioning counts suspended as off, since there is no way back to off.
func sameVersioning(want, have string) bool {
	return want == "" || want == have || (want == minio.VersioningOff && have == minio.VersioningSuspended)
}

func (p *planner) lifecycle(path string, want, have Settings) {
	if have.AbortDays == nil {
		return // neither was asked for, or the store cleans up by itself
	}
	before := minio.Lifecycle{AbortDays: *have.AbortDays, ExpireDays: *have.ExpireDays}
	after := before
	if !p.status.Store.AbortsItself {
		after.AbortDays = *want.AbortDays
	}
	if want.ExpireDays != nil {
		after.ExpireDays = *want.ExpireDays
	}
	if after != before {
		p.add(plan.Update, path, days(before), days(after), setLifecycle(p.spec, after))
	}
}

func days(rules minio.Lifecycle) map[string]any {
	return map[string]any{"abort_incomplete_days": rules.AbortDays, "expire_days": rules.ExpireDays}
}
