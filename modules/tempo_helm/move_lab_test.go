// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// ingesters answer in place of the lab's pods, which have no containers, as
// Tempo 1.5 to 2.10 does: a flush takes a while, and a shutdown ends the
// ingester. At first each holds some traces.
type ingesters struct {
	mu sync.Mutex
	// orders are those that were given, each once.
	orders []string
	// waiting is how many blocks of a pod are not stored yet.
	waiting map[string]int
	ended   map[string]bool
	// stuck means that nothing is ever stored.
	stuck bool
}

func (i *ingesters) answer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	_, rest, ok := strings.Cut(r.URL.Path, "/pods/http:")
	if !ok {
		next.ServeHTTP(w, r)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	pod, path, _ := strings.Cut(rest, "/proxy/")
	if order := r.Method + " " + rest; r.Method == http.MethodPost && !slices.Contains(i.orders, order) {
		i.orders = append(i.orders, order)
	}
	switch path {
	case "flush":
		i.waiting[pod] = 2
		w.WriteHeader(http.StatusNoContent)
	case "shutdown":
		i.waiting[pod], i.ended[pod] = 0, true
		_, _ = w.Write([]byte("shutdown job acknowledged"))
	case "metrics":
		fmt.Fprintf(w, "tempo_ingester_flush_queue_length %d\ntempo_ingester_live_traces{tenant=\"single-tenant\"} 0\n", i.waiting[pod])
		if i.waiting[pod] > 0 && !i.stuck {
			i.waiting[pod]--
		}
	case "ready":
		if i.ended[pod] {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("Some services are not Running:\nRunning: 10\nTerminated: 1\n"))
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	}
}

// offS3 is an object storage that cannot be reached from here.
func offS3() map[string]any { return s3(map[string]any{"endpoint": "127.0.0.1:1", "insecure": true}) }

func newIngesters(lab lab) *ingesters {
	i := &ingesters{waiting: map[string]int{}, ended: map[string]bool{}}
	lab.Handle(i.answer)
	return i
}

// The one pod of Tempo 2 stores what it holds before Tempo 3 takes its place.
func TestMoveToTempo3FlushesFirst(t *testing.T) {
	lab := newLab(t)
	pods := newIngesters(lab)
	volume := map[string]any{"persistence": map[string]any{"size": "1Gi"}, "s3": offS3()}
	testkit.Changed(t, lab.task(t, volume).Apply(t))
	task := lab.task(t, volume).With(map[string]any{"chart_version": "3.0.0"})

	lab.Requests()
	checked := testkit.Changed(t, task.Check(t))
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "a check writes nothing")
	require.Empty(t, pods.orders, "nor does it flush")
	warnings := fmt.Sprint(checked["warnings"])
	require.Contains(t, warnings, "moving from Tempo 2.10.8 (chart tempo) to Tempo 3.0.3")
	require.Contains(t, warnings, "tempo-0 hold spans in memory")
	require.Contains(t, warnings, "no way back to Tempo 2")

	applied := testkit.Changed(t, task.Apply(t))
	released(t, applied, "tempo-3.0.0", 2)
	require.Equal(t, []string{"POST tempo-0:3200/proxy/flush", "POST tempo-0:3200/proxy/shutdown"}, pods.orders)
	testkit.Unchanged(t, task.Check(t))
	testkit.Unchanged(t, task.Apply(t))

	lab.Requests()
	require.Contains(t, testkit.Failed(t, lab.task(t, volume).Apply(t)), "there is no way back from Tempo 3.0.3 to 2.10.8")
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "it is refused before anything is written")
}

// Tempo 2 loses the end of what Tempo 1 has not stored, with many pods as with one.
// The way from 1 to 3 is through 2: in one run it is refused, with what to run.
func TestMoveFromTempo1FlushesFirst(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, mode, from, to, tempo string
		orders                        []string
	}{
		"one pod":   {"", "monolithic", "0.16.6", "2.2.4", "2.10.8", []string{"POST tempo-0:3100/proxy/flush", "POST tempo-0:3100/proxy/shutdown"}},
		"many pods": {"", "microservices", "0.27.9", "2.26.2", "2.10.7", []string{"POST tempo-ingester-0:3100/proxy/flush", "POST tempo-ingester-0:3100/proxy/shutdown"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			pods := newIngesters(lab)
			task := lab.choosing(t, map[string]any{"mode": test.mode, "chart_version": test.from, "resources": "raspberrypi", "s3": offS3()})
			testkit.Changed(t, task.Apply(t))
			lab.Requests()
			last := task.With(map[string]any{"mode": "monolithic", "chart_version": "3.0.0"})
			refused := last.Check(t)
			require.Contains(t, testkit.Failed(t, refused), "Tempo 3.0.3 does not read the blocks that Tempo 1.5.0 stores (v2)")
			require.Contains(t, refused["hint"], "1. chart_version: "+test.to+" (Tempo "+test.tempo+"); 2. mode: monolithic and chart_version: 3.0.0 (Tempo 3.0.3)")
			require.Equal(t, testkit.Failed(t, refused), testkit.Failed(t, last.Apply(t)))
			task = task.With(map[string]any{"chart_version": test.to})
			require.Contains(t, fmt.Sprint(testkit.Changed(t, task.Check(t))["warnings"]), "moving from Tempo 1.5.0")
			require.Empty(t, testkit.KubeWrites(lab.Requests()), "neither run writes anything")
			require.Empty(t, pods.orders)

			testkit.Changed(t, task.Apply(t))
			require.Equal(t, test.orders, pods.orders)
			testkit.Unchanged(t, task.Apply(t))
			require.Contains(t, fmt.Sprint(testkit.Changed(t, last.Check(t))["warnings"]), "no way back to Tempo 2", "the second run is free")
		})
	}
}

// From many pods to one: the ingesters' volumes are not those of that pod.
func TestMoveToOnePodFlushesFirst(t *testing.T) {
	lab := newLab(t)
	pods := newIngesters(lab)
	testkit.Changed(t, lab.distributed(t, "2.26.2", map[string]any{"resources": "raspberrypi", "replicas": map[string]any{"ingester": 2}}).Apply(t))
	applied := testkit.Changed(t, lab.choosing(t, map[string]any{"mode": "monolithic", "resources": "raspberrypi"}).Apply(t))
	released(t, applied, "tempo-2.2.4", 2)
	require.Equal(t, []string{
		"POST tempo-ingester-0:3200/proxy/flush", "POST tempo-ingester-1:3200/proxy/flush",
		"POST tempo-ingester-0:3200/proxy/shutdown", "POST tempo-ingester-1:3200/proxy/shutdown",
	}, pods.orders)
	lab.ready(t, 0, 1)

	pods.orders = nil
	back := lab.distributed(t, "2.26.2", map[string]any{"resources": "raspberrypi"}).Apply(t)
	released(t, testkit.Changed(t, back), "tempo-distributed-2.26.2", 3)
	require.Equal(t, []string{"POST tempo-0:3200/proxy/flush", "POST tempo-0:3200/proxy/shutdown"}, pods.orders, "and back again")
}

// What cannot be stored stops the move before anything is changed, and the next
// run continues from there.
func TestMoveStopsIfItCannotFlush(t *testing.T) {
	lab := newLab(t)
	pods := newIngesters(lab)
	testkit.Changed(t, lab.task(t, map[string]any{"s3": offS3()}).Apply(t))
	pods.stuck = true
	task := lab.task(t, map[string]any{"chart_version": "3.0.0", "wait_timeout": "5s", "s3": offS3()})
	require.Contains(t, testkit.Failed(t, task.Apply(t)), "blocks of pod tempo-0 wait to be stored")
	require.Equal(t, "tempo-2.2.4", lab.newest(t).chart, "nothing was upgraded")
	pods.mu.Lock()
	pods.stuck = false
	pods.mu.Unlock()
	released(t, testkit.Changed(t, task.With(map[string]any{"wait_timeout": "1m"}).Apply(t)), "tempo-3.0.0", 2)
}

// An unreachable pod stops the move, unless what it holds may be lost.
func TestMoveWithAnUnreachablePodIsRefused(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(t, map[string]any{"s3": offS3()}).Apply(t))
	lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, "/pods/http:") {
			next.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("error trying to reach service: dial tcp: i/o timeout"))
	})
	task := lab.task(t, map[string]any{"chart_version": "3.0.0", "s3": offS3()})
	lab.Requests()
	result := task.Check(t)
	require.Contains(t, testkit.Failed(t, result), "what pod tempo-0 holds would be lost by the move from Tempo 2.10.8 to 3.0.3")
	require.Contains(t, result["hint"], "migrate: lossy")
	require.Empty(t, testkit.KubeWrites(lab.Requests()))
	lossy := testkit.Changed(t, task.With(map[string]any{"migrate": "lossy"}).Apply(t))
	released(t, lossy, "tempo-3.0.0", 2)
	require.Contains(t, fmt.Sprint(lossy["warnings"]), "migrate: lossy: WHAT tempo-0 HOLD IN MEMORY")
}

// The real store is checked before the move: blocks of Tempo 2.5 would no
// longer be found.
func TestMoveChecksTheStoreFirst(t *testing.T) {
	lab := newLab(t)
	newIngesters(lab)
	endpoint, bucket := testkit.Env(t, "LAB_MINIO_ENDPOINT"), testkit.Name("moved")
	user, key := testkit.Env(t, "LAB_MINIO_ROOT_USER"), testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD")
	store, err := minio.New(endpoint, &minio.Options{Creds: credentials.NewStaticV4(user, key, ""), Region: "eu-west-1"})
	require.NoError(t, err)
	require.NoError(t, store.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}))
	put := func(block, format string) {
		text := fmt.Sprintf(`{"format":%q,"blockID":%q}`, format, block)
		_, err := store.PutObject(t.Context(), bucket, "single-tenant/"+block+"/meta.json", strings.NewReader(text), int64(len(text)), minio.PutObjectOptions{})
		require.NoError(t, err)
	}
	put("a", "vParquet3")
	put("b", "vParquet4")
	options := map[string]any{"s3": map[string]any{"bucket": bucket, "endpoint": endpoint, "region": "eu-west-1", "insecure": true, "access_key": user, "secret_key": key}}
	testkit.Changed(t, lab.task(t, options).Apply(t))
	task := lab.task(t, options).With(map[string]any{"chart_version": "3.0.0"})
	lab.Requests()
	require.Contains(t, testkit.Failed(t, task.Apply(t)), "does not read format vParquet3, which the oldest of the 2 blocks in bucket "+bucket)
	require.Empty(t, testkit.KubeWrites(lab.Requests()))
	put("a", "vParquet4")
	moved := testkit.Changed(t, task.Apply(t))
	require.Contains(t, fmt.Sprint(moved["warnings"]), "the 2 blocks in the object storage stay readable")
}
