// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// lab is the real MinIO server behind a counting proxy, with its own names for
// each test, and the SDKs to check it independently of our code.
type lab struct {
	t            *testing.T
	proxy        *testkit.Proxy
	admin        *madmin.AdminClient
	store        *s3.Client
	bucket, user string
	key          string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, proxy: testkit.NewProxy(t, testkit.Env(t, "LAB_MINIO_URL")),
		bucket: testkit.Name("tempo"), user: testkit.Name("user"), key: testkit.Secret()}
	host := testkit.Env(t, "LAB_MINIO_ENDPOINT")
	root := credentials.NewStaticV4(testkit.Env(t, "LAB_MINIO_ROOT_USER"), testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD"), "")
	var err error
	l.admin, err = madmin.NewWithOptions(host, &madmin.Options{Creds: root})
	require.NoError(t, err)
	l.store, err = s3.New(host, &s3.Options{Creds: root})
	require.NoError(t, err)
	t.Cleanup(l.clear)
	return l
}

// clear removes what a test left, if anything.
func (l *lab) clear() {
	ctx := context.Background()
	_ = l.admin.RemoveUser(ctx, l.user)
	_ = l.admin.RemoveCannedPolicy(ctx, l.user)
	_ = l.store.RemoveBucket(ctx, l.bucket) // one with object lock cannot be force-deleted
	_ = l.store.RemoveBucketWithOptions(ctx, l.bucket, s3.RemoveBucketOptions{ForceDelete: true})
	exists, err := l.store.BucketExists(ctx, l.bucket)
	require.NoError(l.t, err)
	require.False(l.t, exists, "the test leaves bucket %s behind", l.bucket)
}

// task is the module as a task runs it, through the proxy.
func (l *lab) task(options map[string]any) testkit.Task {
	all := map[string]any{
		"endpoint": l.proxy.URL, "access_key": testkit.Env(l.t, "LAB_MINIO_ROOT_USER"), "secret_key": testkit.Env(l.t, "LAB_MINIO_ROOT_PASSWORD"),
		"bucket": l.bucket, "user": l.user, "user_secret_key": l.key, "timeout": "60s",
	}
	maps.Copy(all, options)
	return task(all)
}

// as is an S3 client of Tempo's user that bypasses the proxy.
func (l *lab) as(key string) *s3.Client {
	client, err := s3.New(testkit.Env(l.t, "LAB_MINIO_ENDPOINT"), &s3.Options{Creds: credentials.NewStaticV4(l.user, key, "")})
	require.NoError(l.t, err)
	return client
}

// write puts an object as Tempo's user.
func (l *lab) write(name string) error {
	_, err := l.as(l.key).PutObject(l.t.Context(), l.bucket, name, strings.NewReader("block"), 5, s3.PutObjectOptions{})
	return err
}

// checked runs a task in check mode and requires that nothing was written.
func (l *lab) checked(task testkit.Task) wire.Result {
	l.t.Helper()
	l.proxy.Requests()
	result := task.Check(l.t)
	requests := l.proxy.Requests()
	require.NotEmpty(l.t, requests, "check mode has to look")
	require.Empty(l.t, testkit.Writes(requests), "check mode must not write")
	return result
}

// fourRuns checks, applies, checks, applies: changed, changed, ok, ok. It
// returns the requests of the last run, which has nothing to do.
func (l *lab) fourRuns(task testkit.Task) []string {
	l.t.Helper()
	testkit.Changed(l.t, l.checked(task))
	testkit.Changed(l.t, task.Apply(l.t))
	testkit.Unchanged(l.t, l.checked(task))
	testkit.Unchanged(l.t, task.Apply(l.t))
	return l.proxy.Requests()
}
