// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// movePoints are the writes of a move to another major version, from the Lease
// through the requests to the pods to the last of Helm's records.
const movePoints = 8

// movesThatAreKilled are charts of one major version with those of the next. Both
// run the same code, so one is tried only up to the first of Helm's records.
var movesThatAreKilled = []struct {
	from, to string
	points   int
}{{"2.2.4", "3.0.0", movePoints}, {"0.16.6", "2.2.4", 4}}

// A move that is killed at one of its writes is finished by the next run, and
// the pods are never replaced before they have stored what they hold.
func TestKilledMoveContinues(t *testing.T) {
	t.Parallel()
	for _, move := range movesThatAreKilled {
		for point := range move.points {
			t.Run(fmt.Sprintf("%s to %s, write %d", move.from, move.to, point), func(t *testing.T) { goesOn(t, move.from, move.to, point) })
		}
	}
}

func goesOn(t *testing.T, from, to string, point int) {
	t.Helper()
	lab := newLab(t)
	pods := newIngesters(lab)
	testkit.Changed(t, lab.task(t, map[string]any{"chart_version": from, "s3": offS3()}).Apply(t))
	task := lab.task(t, map[string]any{"chart_version": to, "s3": offS3()})
	watch := &moved{pods: pods, kill: point}
	lab.Handle(watch.handle)
	process := task.Start(t)
	watch.process.Store(process)
	require.Nil(t, process.Result(t), "it was killed during the write")

	watch.kill = -1
	result := task.Apply(t)
	require.False(t, result.Failed(), "%v", result)
	require.Equal(t, "tempo-"+to, lab.newest(t).chart)
	watch.storedFirst(t)
	testkit.Unchanged(t, task.Apply(t))
}

// moved watches a move, and kills it at one of its writes.
type moved struct {
	pods    *ingesters
	process atomic.Pointer[testkit.Process]
	mu      sync.Mutex
	kill    int
	writes  []string
}

func (m *moved) handle(w http.ResponseWriter, r *http.Request, next http.Handler) {
	line := testkit.Line(r)
	if len(testkit.KubeWrites([]string{line})) == 0 && r.Method != http.MethodPost || r.Method == http.MethodPut && strings.Contains(line, "/leases/") {
		m.pods.answer(w, r, next)
		return
	}
	m.mu.Lock()
	m.writes = append(m.writes, line)
	dies := len(m.writes) == m.kill+1
	m.mu.Unlock()
	if !dies {
		m.pods.answer(w, r, next)
		return
	}
	m.pods.answer(httptest.NewRecorder(), r, next)
	for m.process.Load() == nil { // it began before Start returned
	}
	m.process.Load().Kill()
}

// storedFirst requires the shutdown before the first change of a workload.
func (m *moved) storedFirst(t *testing.T) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	shutdown := slices.IndexFunc(m.writes, func(line string) bool { return strings.Contains(line, "/proxy/shutdown") })
	replaced := slices.IndexFunc(m.writes, func(line string) bool {
		return strings.HasPrefix(line, "PATCH") && strings.Contains(line, "/statefulsets/") && !strings.Contains(line, "dryRun")
	})
	require.NotEqual(t, -1, shutdown, "%v", m.writes)
	require.Less(t, shutdown, replaced, "%v", m.writes)
}
