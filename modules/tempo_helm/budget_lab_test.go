// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// stored puts a block whose first span is of that age into a bucket.
func stored(t *testing.T, store *minio.Client, bucket, block string, size int, age time.Duration) {
	t.Helper()
	meta := fmt.Appendf(nil, `{"format":"vParquet4","blockID":%q,"startTime":%q}`, block, time.Now().Add(-age).UTC().Format(time.RFC3339))
	for name, text := range map[string][]byte{"meta.json": meta, "data.parquet": make([]byte, size)} {
		_, err := store.PutObject(t.Context(), bucket, "single-tenant/"+block+"/"+name, bytes.NewReader(text), int64(len(text)), minio.PutObjectOptions{})
		require.NoError(t, err)
	}
}

// The blocks in the bucket decide how long traces are kept, which each chart
// sets in its own place, and only a change that matters is made.
func TestStoreBudget(t *testing.T) {
	t.Parallel()
	endpoint, user, key := testkit.Env(t, "LAB_MINIO_ENDPOINT"), testkit.Env(t, "LAB_MINIO_ROOT_USER"), testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD")
	store, err := minio.New(endpoint, &minio.Options{Creds: credentials.NewStaticV4(user, key, ""), Region: "eu-west-1"})
	require.NoError(t, err)
	cases := map[string]struct {
		reason, mode, version, config string
		place                         []string
	}{
		"one pod of 3":   {"below the worker", "monolithic", "3.0.0", "tempo", []string{"backend_worker", "compaction", "block_retention"}},
		"many pods of 2": {"below the compactor", "microservices", "2.26.2", "tempo-config", []string{"compactor", "compaction", "block_retention"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			bucket := testkit.Name("budget")
			require.NoError(t, store.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{Region: "eu-west-1"}))
			kept := func() any { return helm.Lookup(lab.configOf(t, test.config), test.place...) }
			task := lab.task(t, map[string]any{"mode": test.mode, "chart_version": test.version, "resources": "raspberrypi", "traceql_metrics": false,
				"s3": map[string]any{"bucket": bucket, "endpoint": endpoint, "region": "eu-west-1", "insecure": true, "access_key": user, "secret_key": key}})
			budget := map[string]any{"store_budget": "10Mi", "retention": "200h"}
			testkit.FourRuns(t, task.With(budget))
			require.Equal(t, "200h", kept(), "an empty bucket gives no data")

			stored(t, store, bucket, "a", 11<<19, 100*time.Hour)
			testkit.FourRuns(t, task.With(budget))
			require.Equal(t, "163h", kept(), "5.5 MiB in 100 hours, and 9 MiB are planned")

			stored(t, store, bucket, "b", 200<<10, 3*time.Hour)
			testkit.Unchanged(t, task.With(budget).Apply(t))

			floor := task.With(budget).With(map[string]any{"store_budget_floor": "190h"})
			require.Contains(t, fmt.Sprint(testkit.FourRuns(t, floor)["warnings"]), "they are kept for store_budget_floor, 190h", test.reason)
			require.Equal(t, "190h", kept())

			lab.Requests()
			require.Contains(t, testkit.Failed(t, task.With(budget).With(map[string]any{"store_budget": "4Mi"}).Apply(t)), "store_budget 4Mi is less than one block")
			require.Empty(t, testkit.KubeWrites(lab.Requests()), "refused before any write")

			gone := task.With(budget).With(map[string]any{"s3": map[string]any{"bucket": bucket + "-none", "endpoint": endpoint, "region": "eu-west-1", "insecure": true, "access_key": user, "secret_key": key}})
			result := testkit.Changed(t, gone.Check(t))
			require.Contains(t, fmt.Sprint(result["warnings"]), "could not be read, so the retention stays as it is")
		})
	}
}
