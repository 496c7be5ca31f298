// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// killing is an upgrade that is killed at its points, again and again.
type killing struct {
	// workers have a release each, so that their points are tried in parallel.
	workers int
	// apart is the distance between the points that are tried. "make torture"
	// tries each one, with workers times apart workers.
	apart int
	// least is the minimum number of points.
	least int
	// task is the upgrade of a round: each changes the chart, the values and the key.
	task func(l lab, t *testing.T, round int) testkit.Task
	// reads makes one in so many requests that read something new a point; 0 is
	// none. What a wait reads again and again counts once.
	reads int
	// ended checks the objects of the release after a round.
	ended func(l lab, t *testing.T, round int, dead string)
}

// After a kill at any point of an upgrade with a new chart, new values and a new
// key, the next run ends as an undisturbed one would have: one deployed revision
// of the new chart, with nothing left of the old one. A point is a request that
// the API server has carried out and whose answer never came. Between two writes
// the cluster stays as it is, so that a write also covers the reads after it.
func TestKilledAtEachPointOfAnUpgrade(t *testing.T) {
	t.Parallel()
	killing{workers: 1, apart: 3, least: monolithicWrites, task: lab.killedMonolithic, ended: lab.endedMonolithic}.run(t)
}

// In microservices mode an upgrade makes hundreds of requests, mostly reads of
// objects and of the state of their pods: each write is tried, and some of the
// reads, for what a run remembers in between.
func TestKilledAtEachPointOfAnUpgradeOfMicroservices(t *testing.T) {
	t.Parallel()
	killing{workers: 2, apart: 6, least: distributedWrites, reads: 20, task: lab.killedDistributed, ended: lab.endedDistributed}.run(t)
}

func (k killing) run(t *testing.T) {
	t.Helper()
	first := int(torture.Seed(t) % uint64(k.apart))
	if torture.Long() {
		k.workers, k.apart, first = k.workers*k.apart, 1, 0
	}
	for worker := range k.workers {
		t.Run(fmt.Sprint("worker ", worker), func(t *testing.T) { k.work(t, first+worker*k.apart) })
	}
}

// work tries every so many-th point from the first one on.
func (k killing) work(t *testing.T, first int) {
	t.Helper()
	lab := newLab(t)
	testkit.Changed(t, k.task(lab, t, 0).Apply(t))
	for round, point := 1, first; ; round, point = round+1, point+k.workers*k.apart {
		dead := k.killAt(t, lab, round, point)
		if dead == "" {
			require.GreaterOrEqual(t, point, k.least, "the upgrade has fewer points now")
			return
		}
		k.converges(t, lab, round, dead)
	}
}

// killAt kills a run at a point and returns the request at which it died, "" if
// the run ended before that point.
func (k killing) killAt(t *testing.T, lab lab, round, point int) string {
	t.Helper()
	var process atomic.Pointer[testkit.Process]
	var died atomic.Value
	var seen atomic.Int64
	counts := k.counting()
	lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !counts(r) || seen.Add(1) != int64(point+1) {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		for process.Load() == nil { // it began before Start returned
		}
		process.Load().Kill()
		died.Store(testkit.Line(r))
	})
	defer lab.Handle(nil)
	started := k.task(lab, t, round).Start(t)
	process.Store(started)
	if result := started.Result(t); result != nil {
		testkit.Changed(t, result)
		return ""
	}
	require.Eventually(t, func() bool { return died.Load() != nil }, patience, quarter)
	return died.Load().(string)
}

// counting reports for each request of a run whether it is a point. The lease
// is renewed on a timer, not at a point of the upgrade.
func (k killing) counting() func(*http.Request) bool {
	var mu sync.Mutex
	read := map[string]bool{}
	return func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		line := testkit.Line(r)
		switch {
		case len(testkit.KubeWrites([]string{line})) > 0:
			return r.Method != http.MethodPut || !strings.Contains(line, "/leases/")
		case k.reads == 0 || read[line]:
			return false
		}
		read[line] = true
		return len(read)%k.reads == 0
	}
}

// converges requires the next run to finish what a killed one began.
func (k killing) converges(t *testing.T, lab lab, round int, dead string) {
	t.Helper()
	task := k.task(lab, t, round)
	result := task.Apply(t)
	require.False(t, result.Failed(), "killed at %s: %v", dead, result)
	require.Equal(t, result["release"].(map[string]any)["chart"], lab.newest(t).chart, dead)
	key, _ := task.Options["s3"].(map[string]any)["secret_key"].(string)
	require.Equal(t, key, lab.key(t), dead)
	k.ended(lab, t, round, dead)
}

// marked requires the label of a round, and none of another round.
func marked(t *testing.T, labels map[string]string, round int, dead string) {
	t.Helper()
	var found []string
	for name := range labels {
		if strings.HasPrefix(name, "round-") {
			found = append(found, name)
		}
	}
	require.Equal(t, []string{fmt.Sprint("round-", round)}, found, "killed at %s: nothing is left of other revisions", dead)
}
