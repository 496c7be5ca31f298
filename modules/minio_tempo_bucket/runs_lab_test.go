// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"testing"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// budget is the most requests that a run with nothing to do may make.
const budget = 8

func TestLabPresentThenAbsent(t *testing.T) {
	l := newLab(t)
	requests := l.fourRuns(l.task(nil))
	require.LessOrEqual(t, len(requests), budget, "%v", requests)
	require.Empty(t, testkit.Writes(requests))

	info, err := l.admin.GetUserInfo(t.Context(), l.user)
	require.NoError(t, err)
	require.Equal(t, madmin.AccountEnabled, info.Status)
	require.Equal(t, l.user, info.PolicyName, "the policy that the procedure forgets to attach")
	require.NoError(t, l.write("single-tenant/block/meta.json"))
	elsewhere := testkit.Name("other")
	require.NoError(t, l.store.MakeBucket(t.Context(), elsewhere, s3.MakeBucketOptions{}))
	t.Cleanup(func() { _ = l.store.RemoveBucket(t.Context(), elsewhere) })
	l.bucket, elsewhere = elsewhere, l.bucket
	require.ErrorContains(t, l.write("x"), "Access Denied", "the user has no access to other buckets")
	l.bucket, elsewhere = elsewhere, l.bucket
	require.NoError(t, l.store.RemoveBucket(t.Context(), elsewhere))

	l.fourRuns(l.task(map[string]any{"state": "absent"}))
	_, err = l.admin.GetUserInfo(t.Context(), l.user)
	require.Equal(t, "XMinioAdminNoSuchUser", madmin.ToErrorResponse(err).Code)
	_, err = l.admin.InfoCannedPolicyV2(t.Context(), l.user)
	require.Equal(t, "XMinioAdminNoSuchPolicy", madmin.ToErrorResponse(err).Code)
	_, err = l.store.StatObject(t.Context(), l.bucket, "single-tenant/block/meta.json", s3.StatObjectOptions{})
	require.NoError(t, err, "the bucket and its objects are kept")
}

func TestLabAllSettings(t *testing.T) {
	for name, options := range map[string]map[string]any{
		"with object lock": {"object_lock": true, "versioning": "on", "quota": "1GiB", "expire_days": 30, "tags": map[string]any{"owner": "tracing"}},
		"without":          {"versioning": "suspended", "quota": "2GiB", "tags": map[string]any{"owner": "tracing"}, "anonymous_access": "closed", "region": "eu-west-1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			requests := l.fourRuns(l.task(options))
			require.LessOrEqual(t, len(requests), budget, "%v", requests)

			versioning, err := l.store.GetBucketVersioning(t.Context(), l.bucket)
			require.NoError(t, err)
			require.Equal(t, options["object_lock"] == true, versioning.Enabled())
			require.Equal(t, options["versioning"] == "suspended", versioning.Suspended())
			quota, err := l.admin.GetBucketQuota(t.Context(), l.bucket)
			require.NoError(t, err)
			require.Equal(t, map[any]uint64{"1GiB": 1073741824, "2GiB": 2147483648}[options["quota"]], quota.Size)
			tags, err := l.store.GetBucketTagging(t.Context(), l.bucket)
			require.NoError(t, err)
			require.Equal(t, map[string]string{"owner": "tracing"}, tags.ToMap())
		})
	}
}

// Users are created elsewhere: only S3 calls are left.
func TestLabWithoutAdminAPI(t *testing.T) {
	l := newLab(t)
	require.NoError(t, l.admin.AddUser(t.Context(), l.user, l.key))
	options := map[string]any{"admin": "none", "versioning": "on", "tags": map[string]any{"a": "b"}, "verify": false}
	task := l.task(options)
	for _, request := range l.fourRuns(task) {
		require.NotContains(t, request, "/minio/admin/")
	}
	require.Contains(t, testkit.Failed(t, task.With(map[string]any{"user_secret_key": testkit.Secret()}).Check(t)), "denied: the store refuses the key of user")
	require.Contains(t, testkit.Failed(t, task.With(map[string]any{"verify": true}).Apply(t)), "s3:ListBucket", "the user has no policy")

	l.fourRuns(l.task(map[string]any{"admin": "none", "state": "absent", "remove_bucket": true}))
	_, err := l.admin.GetUserInfo(t.Context(), l.user)
	require.NoError(t, err, "the user is not ours to remove")
}

func TestLabAutoWithoutAdminAPI(t *testing.T) {
	l := newLab(t)
	require.NoError(t, l.admin.AddUser(t.Context(), l.user, l.key))
	l.proxy.Disturb(plainS3)
	result := testkit.Changed(t, l.task(map[string]any{"verify": false}).Apply(t))
	require.Contains(t, result["warnings"].([]any)[0], "does not answer MinIO's admin calls")
	require.NotContains(t, result, "user")
	require.Contains(t, testkit.Failed(t, l.task(map[string]any{"admin": "minio"}).Check(t)), "unsupported: the store does not answer MinIO's admin calls")
}

func TestLabRemoval(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(map[string]any{"versioning": "on"}).Apply(t))
	for _, name := range []string{"tenant/a", "tenant/a", "tenant/b"} {
		require.NoError(t, l.write(name))
	}
	absent := map[string]any{"state": "absent", "remove_bucket": true}
	result := l.checked(l.task(absent))
	require.Contains(t, testkit.Failed(t, result), "conflict: bucket "+l.bucket+" holds 3 objects", "all versions are counted")
	require.Contains(t, result["hint"], "force_remove_bucket")
	require.Contains(t, testkit.Failed(t, l.task(absent).Apply(t)), "holds 3 objects")

	absent["force_remove_bucket"] = true
	before, after := testkit.Diff(t, testkit.Changed(t, l.checked(l.task(absent))))
	require.Contains(t, before, "bucket/"+l.bucket+"/objects: 3")
	require.Empty(t, after)
	_, err := l.store.StatObject(t.Context(), l.bucket, "tenant/a", s3.StatObjectOptions{})
	require.NoError(t, err, "nothing was deleted")
	l.fourRuns(l.task(absent))
	exists, err := l.store.BucketExists(t.Context(), l.bucket)
	require.NoError(t, err)
	require.False(t, exists)
}
