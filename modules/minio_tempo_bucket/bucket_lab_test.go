// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/lifecycle"
	"github.com/minio/minio-go/v7/pkg/tags"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A bucket that somebody already uses: what is theirs stays, in every setting
// that this module also writes.
func TestLabForeignObjectsAreKept(t *testing.T) {
	l := newLab(t)
	require.NoError(t, l.store.MakeBucket(t.Context(), l.bucket, s3.MakeBucketOptions{}))
	before, err := l.store.PutObject(t.Context(), l.bucket, "tenant/block", strings.NewReader("block"), 5, s3.PutObjectOptions{})
	require.NoError(t, err)
	l.foreignSettings()

	task := l.task(map[string]any{"expire_days": 30, "tags": map[string]any{"owner": "tracing"}, "quota": "1GiB", "anonymous_access": "closed"})
	l.fourRuns(task)
	require.Equal(t, map[string]string{"theirs": "kept", "owner": "tracing"}, l.tags())
	require.Equal(t, map[string]int{"their-rule": 7, "picluster-tracing-expire": 30}, l.expiries())
	policy, err := l.store.GetBucketPolicy(t.Context(), l.bucket)
	require.NoError(t, err)
	require.Contains(t, policy, "Deny")
	require.NotContains(t, policy, "Allow")

	l.fourRuns(task.With(map[string]any{"expire_days": 0, "quota": "0"}))
	require.Equal(t, map[string]int{"their-rule": 7}, l.expiries())
	quota, err := l.admin.GetBucketQuota(t.Context(), l.bucket)
	require.NoError(t, err)
	require.Zero(t, quota.Size)
	after, err := l.store.StatObject(t.Context(), l.bucket, "tenant/block", s3.StatObjectOptions{})
	require.NoError(t, err)
	require.Equal(t, before.ETag, after.ETag, "existing objects are never modified")
	require.Equal(t, 1, l.count(), "and none is added")
}

// foreignSettings are a tag, a lifecycle rule, and a bucket policy that lets
// anybody read and nobody delete.
func (l *lab) foreignSettings() {
	l.t.Helper()
	set, err := tags.MapToBucketTags(map[string]string{"theirs": "kept"})
	require.NoError(l.t, err)
	require.NoError(l.t, l.store.SetBucketTagging(l.t.Context(), l.bucket, set))
	config := lifecycle.NewConfiguration()
	config.Rules = []lifecycle.Rule{{ID: "their-rule", Status: "Enabled", RuleFilter: lifecycle.Filter{Prefix: "tmp/"}, Expiration: lifecycle.Expiration{Days: 7}}}
	require.NoError(l.t, l.store.SetBucketLifecycle(l.t.Context(), l.bucket, config))
	require.NoError(l.t, l.store.SetBucketPolicy(l.t.Context(), l.bucket, l.everybody("Allow", "s3:GetObject", "Deny", "s3:DeleteObject")))
}

func (l *lab) tags() map[string]string {
	l.t.Helper()
	found, err := l.store.GetBucketTagging(l.t.Context(), l.bucket)
	require.NoError(l.t, err)
	return found.ToMap()
}

// expiries are the days of the bucket's lifecycle rules by name.
func (l *lab) expiries() map[string]int {
	l.t.Helper()
	config, err := l.store.GetBucketLifecycle(l.t.Context(), l.bucket)
	require.NoError(l.t, err)
	days := map[string]int{}
	for _, rule := range config.Rules {
		days[rule.ID] = int(rule.Expiration.Days)
	}
	return days
}

// count counts every version of every object.
func (l *lab) count() int {
	l.t.Helper()
	count := 0
	for object := range l.store.ListObjectsIter(l.t.Context(), l.bucket, s3.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		require.NoError(l.t, object.Err)
		count++
	}
	return count
}

// A bucket that the role ricsanfre.minio created with policy: read-write is open
// to anybody: that is reported, and ended on request.
func TestLabAnonymousAccess(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(nil).Apply(t))
	require.NoError(t, l.write("tenant/block"))
	require.Equal(t, http.StatusForbidden, l.anonymous(), "a new bucket is private")

	require.NoError(t, l.store.SetBucketPolicy(t.Context(), l.bucket, l.everybody("Allow", "s3:GetObject")))
	require.Equal(t, http.StatusOK, l.anonymous())
	result := testkit.Unchanged(t, l.task(nil).Apply(t))
	require.Equal(t, []any{"bucket " + l.bucket + " allows anonymous access: set anonymous_access: closed to end that"}, result["warnings"])
	require.Equal(t, true, result["bucket"].(map[string]any)["public"])
	require.Equal(t, http.StatusOK, l.anonymous(), "it was only reported")

	l.fourRuns(l.task(map[string]any{"anonymous_access": "closed"}))
	require.Equal(t, http.StatusForbidden, l.anonymous())
}

// everybody is a bucket policy about everybody, made of pairs of effect and
// action.
func (l *lab) everybody(pairs ...string) string {
	var statements []string
	for pair := range slices.Chunk(pairs, 2) {
		statements = append(statements, fmt.Sprintf(`{"Effect":%q,"Principal":{"AWS":["*"]},"Action":[%q],"Resource":["arn:aws:s3:::%s/*"]}`, pair[0], pair[1], l.bucket))
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// anonymous reads the object without credentials.
func (l *lab) anonymous() int {
	l.t.Helper()
	answer, err := http.Get(testkit.Env(l.t, "LAB_MINIO_URL") + "/" + l.bucket + "/tenant/block")
	require.NoError(l.t, err)
	require.NoError(l.t, answer.Body.Close())
	return answer.StatusCode
}

func TestLabVersioning(t *testing.T) {
	l := newLab(t)
	for _, step := range []struct {
		reason, wanted string
		enabled        bool
	}{
		{"a new bucket with versions", "on", true},
		{"there is no way back but to suspend it", "suspended", false},
		{"and on again", "on", true},
		{"off is content with suspended", "off", false},
	} {
		l.fourRuns(l.task(map[string]any{"versioning": step.wanted}))
		found, err := l.store.GetBucketVersioning(t.Context(), l.bucket)
		require.NoError(t, err)
		require.Equal(t, step.enabled, found.Enabled(), step.reason)
	}
}

// More objects than the server lists in one answer.
func TestLabManyObjects(t *testing.T) {
	const pages = 1001
	l := newLab(t)
	testkit.Changed(t, l.task(nil).Apply(t))
	objects := make(chan s3.SnowballObject, pages)
	for number := range pages {
		objects <- s3.SnowballObject{Key: fmt.Sprintf("tenant/%04d", number), Size: 5, Content: strings.NewReader("block")}
	}
	close(objects)
	require.NoError(t, l.store.PutObjectsSnowball(t.Context(), l.bucket, s3.SnowballOptions{InMemory: true}, objects))
	require.Equal(t, pages, l.count())

	absent := l.task(map[string]any{"state": "absent", "remove_bucket": true})
	require.Contains(t, testkit.Failed(t, l.checked(absent)), "holds 1000 objects or more", "counting stops")
	forced := absent.With(map[string]any{"force_remove_bucket": true})
	before, _ := testkit.Diff(t, testkit.Changed(t, l.checked(forced)))
	require.Contains(t, before, "bucket/"+l.bucket+"/objects: 1001", "check mode says how many would be deleted")
	require.Equal(t, pages, l.count(), "and deletes nothing")
	l.fourRuns(forced)
}
