// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// points is the number of writes of the upgrade below: key, lease, record,
// service account, configuration, Service, StatefulSet, both records, lease.
const points = 10

// Killed at each point of an upgrade with a new chart, new values and a new key,
// the next run ends where an undisturbed one would have: one deployed revision of
// the new chart, with nothing left of the old one. A point is a write that the API
// server has carried out and whose answer never came.
func TestKilledAtEachPointOfAnUpgrade(t *testing.T) {
	t.Parallel()
	const lanes = 3 // each has a release of its own
	for lane := range lanes {
		t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
			lab := newLab(t)
			testkit.Changed(t, lab.killed(t, 0).Apply(t))
			for round, point := 1, lane; point <= points || everyRequest(); round, point = round+1, point+lanes {
				task := lab.killed(t, round)
				dead := lab.killAt(t, task, point)
				if dead == "" {
					require.GreaterOrEqual(t, point, points, "the upgrade has fewer writes now")
					return
				}
				require.True(t, point < points || everyRequest(), "the upgrade has more writes now: also %s", dead)
				lab.converges(t, task, dead)
			}
		})
	}
}

// everyRequest widens the test from the writes, between which the cluster stays
// as it is, to every request of an upgrade; it then takes minutes.
func everyRequest() bool { return os.Getenv("TEMPO_HELM_KILL_AT_EVERY_REQUEST") != "" }

// killed is the task of a round: each changes the chart, the values and the key.
func (l lab) killed(t *testing.T, round int) testkit.Task {
	t.Helper()
	version := []string{"2.2.4", "1.24.4"}[round%2]
	return l.task(t, map[string]any{"chart_version": version, "retention": fmt.Sprintf("%dh", 24+round), "receivers": []any{"otlp_grpc"},
		"s3": s3(map[string]any{"secret_key": fmt.Sprint(secretKey, round)}), "values": map[string]any{"podLabels": map[string]any{fmt.Sprint("round-", round): "x"}}})
}

// killAt kills a run at a point and returns the request at which it died, ""
// when the run ended before it came so far.
func (l lab) killAt(t *testing.T, task testkit.Task, point int) string {
	t.Helper()
	var process atomic.Pointer[testkit.Process]
	var died atomic.Value
	var seen atomic.Int64
	l.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
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
	defer l.Handle(nil)
	started := task.Start(t)
	process.Store(started)
	if result := started.Result(t); result != nil {
		testkit.Changed(t, result)
		return ""
	}
	require.Eventually(t, func() bool { return died.Load() != nil }, halfMinute, quarter)
	return died.Load().(string)
}

// counts reports whether a request is a point of its own. The lease is renewed by
// the clock, not at a point of the upgrade.
func counts(r *http.Request) bool {
	line := testkit.Line(r)
	renewal := r.Method == http.MethodPut && strings.Contains(line, "/leases/")
	return everyRequest() || (len(testkit.KubeWrites([]string{line})) > 0 && !renewal)
}

// converges wants the next run to finish what a dead one began.
func (l lab) converges(t *testing.T, task testkit.Task, dead string) {
	t.Helper()
	result := task.Apply(t)
	require.False(t, result.Failed(), "killed at %s: %v", dead, result)
	newest := l.newest(t)
	require.Equal(t, "tempo-"+task.Options["chart_version"].(string), newest.chart, dead)
	require.Equal(t, task.Options["retention"], newest.config["tempo"].(map[string]any)["retention"], dead)
	l.ready(t, 0, 1)
	pod := l.pod(t)
	labels := []string{}
	for name := range pod.Labels {
		if strings.HasPrefix(name, "round-") {
			labels = append(labels, name)
		}
	}
	round, _ := task.Options["values"].(map[string]any)["podLabels"].(map[string]any)
	require.Len(t, labels, 1, "killed at %s: nothing is left of other revisions: %v", dead, labels)
	require.Contains(t, round, labels[0], dead)
	key, _ := task.Options["s3"].(map[string]any)["secret_key"].(string)
	require.Equal(t, key, l.key(t), dead)
}
