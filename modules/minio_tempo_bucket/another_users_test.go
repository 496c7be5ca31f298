// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stores

package bucket_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
)

// A store that answers MinIO's admin calls, such as RustFS, is managed as MinIO is:
// user and policy are made, changed and removed, and Tempo works with what it is
// granted. To any other one the task says that it cannot be.
func TestUsersOnAnotherStore(t *testing.T) {
	name, user := testkit.Name("tempo"), testkit.Name("user")
	store := stack.StartAnother(t, name)
	task := testkit.Task{New: bucket.New, Options: map[string]any{
		"endpoint": store.URL, "access_key": store.RootKey, "secret_key": store.RootSecret, "region": store.Region,
		"admin": "minio", "bucket": name, "user": user, "user_secret_key": testkit.Secret(), "anonymous_access": "closed",
	}}
	admin := administer(t, store)
	if _, err := admin.ListUsers(t.Context()); err != nil {
		require.Contains(t, testkit.Failed(t, task.Apply(t)), "the store does not answer MinIO's admin calls")
		return
	}
	look := lookAt(t, store)
	t.Cleanup(func() { _ = look.RemoveBucketWithOptions(t.Context(), name, s3.RemoveBucketOptions{ForceDelete: true}) })

	made := testkit.FourRuns(t, task.With(map[string]any{"quota": "1GiB", "expire_days": 9}))
	require.Equal(t, true, made["verified"], "%v", made)
	secret := testkit.Secret()
	testkit.FourRuns(t, task.With(map[string]any{"user_secret_key": secret}))
	task = task.With(map[string]any{"user_secret_key": secret})
	other := testkit.Name("other")
	require.NoError(t, look.MakeBucket(t.Context(), other, s3.MakeBucketOptions{}))
	t.Cleanup(func() {
		_ = look.RemoveBucketWithOptions(t.Context(), other, s3.RemoveBucketOptions{ForceDelete: true})
	})
	tempo := lookAt(t, stack.Another{URL: store.URL, Region: store.Region, RootKey: user, RootSecret: secret})
	_, err := tempo.PutObject(t.Context(), other, "block", strings.NewReader("block"), 5, s3.PutObjectOptions{})
	require.Equal(t, s3.AccessDenied, s3.ToErrorResponse(err).Code, "the policy is for one bucket: %v", err)

	foreign, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": []string{"s3:GetObject"}, "Resource": []string{"arn:aws:s3:::" + name + "/*"}}}})
	require.NoError(t, err)
	require.NoError(t, admin.AddCannedPolicy(t.Context(), user, foreign))
	require.NoError(t, admin.SetUserStatus(t.Context(), user, madmin.AccountDisabled))
	testkit.FourRuns(t, task)

	live(t, look, stack.Store{Bucket: name, User: user, Key: secret, Endpoint: strings.TrimPrefix(store.URL, "http://"), Region: store.Region})

	testkit.FourRuns(t, task.With(map[string]any{"state": "absent", "remove_bucket": true, "force_remove_bucket": true}))
	users, err := admin.ListUsers(t.Context())
	require.NoError(t, err)
	require.NotContains(t, users, user)
	policies, err := admin.ListCannedPolicies(t.Context())
	require.NoError(t, err)
	require.NotContains(t, policies, user)
}

func administer(t *testing.T, store stack.Another) *madmin.AdminClient {
	t.Helper()
	client, err := madmin.NewWithOptions(strings.TrimPrefix(store.URL, "http://"), &madmin.Options{Creds: credentials.NewStaticV4(store.RootKey, store.RootSecret, "")})
	require.NoError(t, err)
	return client
}
