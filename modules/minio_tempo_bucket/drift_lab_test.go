// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"maps"
	"slices"
	"testing"

	"github.com/minio/madmin-go/v3"
	"github.com/minio/minio-go/v7/pkg/lifecycle"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Each drift is reported in check mode under its own name only, and corrected.
func TestLabDrift(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		spoil  func(*lab) error
		path   func(*lab) string
	}{
		"policy edited": {"compaction would fail without tagging and copying", func(l *lab) error {
			return l.admin.AddCannedPolicy(l.t.Context(), l.user, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::`+l.bucket+`/*"]}]}`))
		}, func(l *lab) string { return "policy/" + l.user }},
		"policy detached": {"all access would fail", func(l *lab) error {
			_, err := l.admin.DetachPolicy(l.t.Context(), madmin.PolicyAssociationReq{Policies: []string{l.user}, User: l.user})
			return err
		}, func(l *lab) string { return "user/" + l.user + "/policies" }},
		"user disabled": {"all access would fail", func(l *lab) error {
			return l.admin.SetUserStatus(l.t.Context(), l.user, madmin.AccountDisabled)
		}, func(l *lab) string { return "user/" + l.user + "/enabled" }},
		"key changed": {"all access would fail", func(l *lab) error {
			return l.admin.SetUser(l.t.Context(), l.user, "another-key-0815", madmin.AccountEnabled)
		}, func(l *lab) string { return "user/" + l.user + "/secret_key" }},
		"bucket made public": {"everybody could read the traces", func(l *lab) error {
			return l.store.SetBucketPolicy(l.t.Context(), l.bucket, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::`+l.bucket+`/*"]}]}`)
		}, func(l *lab) string { return "bucket/" + l.bucket + "/anonymous_access" }},
		"versioning flipped": {"deleted blocks would stay forever", func(l *lab) error {
			return l.store.EnableVersioning(l.t.Context(), l.bucket)
		}, func(l *lab) string { return "bucket/" + l.bucket + "/versioning" }},
		"quota changed": {"Tempo could no longer flush", func(l *lab) error {
			return l.admin.SetBucketQuota(l.t.Context(), l.bucket, &madmin.BucketQuota{Size: 1, Quota: 1, Type: madmin.HardQuota})
		}, func(l *lab) string { return "bucket/" + l.bucket + "/quota" }},
		"tags removed": {"tags may be used for billing", func(l *lab) error {
			return l.store.RemoveBucketTagging(l.t.Context(), l.bucket)
		}, func(l *lab) string { return "bucket/" + l.bucket + "/tags" }},
		"lifecycle removed": {"objects would stay forever", func(l *lab) error {
			return l.store.SetBucketLifecycle(l.t.Context(), l.bucket, lifecycle.NewConfiguration())
		}, func(l *lab) string { return "bucket/" + l.bucket + "/lifecycle" }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			task := l.task(map[string]any{"anonymous_access": "closed", "versioning": "off", "quota": "1GiB", "tags": map[string]any{"a": "b"}, "expire_days": 90})
			testkit.Changed(t, task.Apply(t))
			require.NoError(t, test.spoil(l))
			before, after := testkit.Diff(t, testkit.Changed(t, l.checked(task)))
			require.Equal(t, []string{test.path(l)}, keys(t, before), test.reason)
			require.Equal(t, []string{test.path(l)}, keys(t, after), test.reason)
			testkit.Changed(t, task.Apply(t))
			testkit.Unchanged(t, l.checked(task))
			require.NoError(t, l.write("tenant/block"))
		})
	}
}

// keys are the paths in one side of a diff.
func keys(t *testing.T, side string) []string {
	t.Helper()
	var paths map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(side), &paths))
	return slices.Sorted(maps.Keys(paths))
}
