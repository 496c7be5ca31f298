// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack || stores

package bucket_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// compaction merges all blocks every second, and soon deletes them.
const compaction = "{compaction_cycle: 1s, compaction_window: 10m, block_retention: 30s, compacted_block_retention: 2s}"

// refusals are the store's words that Tempo logs when a right is missing: those of
// MinIO and SeaweedFS, then those of Garage, also for a call that it does not have.
var refusals = []string{"Access Denied", "AccessDenied", "Forbidden: ", "Unimplemented action: "}

// Tempo 1.5.0, here its stand-in, works with what this module grants.
func TestTempoRunsWithTheGrantedPolicy(t *testing.T) {
	t.Parallel()
	live(t, administrator(t), stack.NewStore(t, nil))
}

// live runs Tempo on a store: spans come in, blocks are flushed, merged, and
// deleted by retention, and nothing is refused.
func live(t *testing.T, look *s3.Client, store stack.Store) {
	t.Helper()
	tempo := stack.StartTempo(t, stack.Config{Store: store, Compaction: compaction, Forget: "1s"})
	stack.Answers(t, tempo.Query+"/ready", "")

	ids := []string{send(t, tempo, 1)}
	names(t, look, store.Bucket, "a block is flushed", func(names []string) bool { return count(names, "/meta.json") > 0 })
	ids = append(ids, send(t, tempo, 2))
	names(t, look, store.Bucket, "blocks are merged", func(names []string) bool { return count(names, "/meta.compacted.json") > 1 })
	for _, id := range ids {
		stack.Answers(t, tempo.Query+"/api/traces/"+id, "")
	}
	names(t, look, store.Bucket, "retention deletes every block", func(names []string) bool { return count(names, "/meta") == 0 })
	require.Empty(t, refused(t, tempo), "the store refused nothing")
}

// A missing right that Tempo needs is detected by the same means.
func TestTempoWithoutAPermission(t *testing.T) {
	t.Parallel()
	store, look := stack.NewStore(t, []any{"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:PutObject"}), administrator(t)
	tempo := stack.StartTempo(t, stack.Config{Store: store, Compaction: compaction, Forget: "1s"})
	stack.Answers(t, tempo.Query+"/ready", "")
	send(t, tempo, 1)
	names(t, look, store.Bucket, "a block is flushed", func(names []string) bool { return count(names, "/meta.json") > 0 })
	send(t, tempo, 2)
	require.Eventually(t, func() bool { return len(refused(t, tempo)) > 0 }, time.Minute, time.Second, "compaction may not delete")
}

// administrator reads the store as its administrator.
func administrator(t *testing.T) *s3.Client {
	t.Helper()
	root := credentials.NewStaticV4(testkit.Env(t, "LAB_MINIO_ROOT_USER"), testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD"), "")
	client, err := s3.New(testkit.Env(t, "LAB_MINIO_ENDPOINT"), &s3.Options{Creds: root})
	require.NoError(t, err)
	return client
}

// send has Tempo store one span of a new trace, whose ID it returns. By itself Tempo
// stores a block up to ten seconds after it was cut; from 3 on it takes no orders to.
func send(t *testing.T, tempo stack.Tempo, number int) string {
	t.Helper()
	id := fmt.Sprintf("%032x", time.Now().UnixNano()+int64(number))
	body, err := json.Marshal([]map[string]any{{"traceId": id, "id": id[16:], "name": "vote", "timestamp": time.Now().UnixMicro(), "duration": 1000,
		"localEndpoint": map[string]any{"serviceName": "web"}}})
	require.NoError(t, err)
	answer, err := http.Post(tempo.Zipkin, "application/json", strings.NewReader(string(body)))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusAccepted, answer.StatusCode)
	if tempo.Generation > 2 {
		return id
	}
	status, text, err := stack.Ask(t.Context(), http.MethodPost, tempo.Query+"/flush")
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, status, text)
	return id
}

// names waits until the names of the bucket's objects are as wanted.
func names(t *testing.T, look *s3.Client, bucket, what string, wanted func([]string) bool) {
	t.Helper()
	var all []string
	require.Eventually(t, func() bool {
		all = nil
		for object := range look.ListObjects(t.Context(), bucket, s3.ListObjectsOptions{Recursive: true}) {
			all = append(all, object.Key)
		}
		return wanted(all)
	}, 2*time.Minute, 250*time.Millisecond, "%s: %v", what, &all)
}

func count(names []string, part string) int {
	found := 0
	for _, name := range names {
		if strings.Contains(name, part) {
			found++
		}
	}
	return found
}

// refused are the lines of Tempo's log that mention a refusal.
func refused(t *testing.T, tempo stack.Tempo) []string {
	t.Helper()
	log, err := os.ReadFile(tempo.Log)
	require.NoError(t, err)
	var found []string
	for line := range strings.Lines(string(log)) {
		for _, word := range refusals {
			if strings.Contains(line, word) {
				found = append(found, line)
			}
		}
	}
	return found
}
