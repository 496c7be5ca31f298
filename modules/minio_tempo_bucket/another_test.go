// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stores

package bucket_test

import (
	"strings"
	"testing"

	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
)

// In a store that is not MinIO the bucket is created, the calls that Tempo makes
// are tested with its credentials, Tempo works on it as on MinIO, and the bucket
// is removed.
func TestTempoOnAnotherStore(t *testing.T) {
	name := testkit.Name("tempo")
	store := stack.StartAnother(t, name)
	task := testkit.Task{New: bucket.New, Options: map[string]any{
		"endpoint": store.URL, "access_key": store.RootKey, "secret_key": store.RootSecret, "region": store.Region,
		"admin": "none", "bucket": name, "user": store.Key, "user_secret_key": store.Secret, "anonymous_access": "closed",
	}}
	look := lookAt(t, store)
	t.Cleanup(func() { _ = look.RemoveBucketWithOptions(t.Context(), name, s3.RemoveBucketOptions{ForceDelete: true}) })

	made := testkit.FourRuns(t, task)
	require.Equal(t, true, made["verified"], "%v", made)
	proved := testkit.Unchanged(t, task.With(map[string]any{"verify": true}).Apply(t))
	require.Equal(t, true, proved["verified"], "%v", proved)
	wrong := testkit.Failed(t, task.With(map[string]any{"verify": true, "user_secret_key": testkit.Secret()}).Apply(t))
	require.Equal(t, "denied: the store refuses the key of user "+store.Key+", and users are not managed here", wrong)
	if store.Reader != "" {
		missing := testkit.Failed(t, task.With(map[string]any{"verify": true, "user": store.Reader}).Apply(t))
		require.Equal(t, "denied: try bucket "+name+" as user "+store.Reader+": it may not write an object: s3:PutObject is missing", missing)
	}

	live(t, look, stack.Store{Bucket: name, User: store.Key, Key: store.Secret, Endpoint: strings.TrimPrefix(store.URL, "http://"), Region: store.Region})

	gone := task.With(map[string]any{"state": "absent", "remove_bucket": true, "force_remove_bucket": true})
	testkit.FourRuns(t, gone)
	exists, err := look.BucketExists(t.Context(), name)
	require.NoError(t, err)
	require.False(t, exists)
}

func lookAt(t *testing.T, store stack.Another) *s3.Client {
	t.Helper()
	client, err := s3.New(strings.TrimPrefix(store.URL, "http://"), &s3.Options{Creds: credentials.NewStaticV4(store.RootKey, store.RootSecret, ""), Region: store.Region})
	require.NoError(t, err)
	return client
}
