// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Kill and TenAtOnce need a TestMain that calls testkit.Program.

// signals that end runs of a task. The short form has one per suite.
func (s Suite) signals() []string {
	both := []string{"SIGKILL", "SIGTERM"}
	if !Long() {
		return both[len(s.Name)%2:][:1]
	}
	return slices.Repeat(both, 20)
}

// Kill ends runs at random moments within the time of a whole one, start of the
// process included, and requires the next run to finish what each left. After a SIGKILL,
// which leaves no time to record an end, it may name the command for it where only the
// user knows whether somebody still works on it.
func (s Suite) Kill(t *testing.T, whole time.Duration) {
	seed := Seed(t)
	for round, signal := range s.signals() {
		t.Run(fmt.Sprintf("%s, %d", signal, round), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, uint64(len(s.Name)*1000+round))) //nolint:gosec // it has to be reproducible
			killOnce(t, s.New(t), signal, time.Duration(dice.Int64N(int64(whole))))
		})
	}
}

func killOnce(t *testing.T, scene Scene, signal string, after time.Duration) {
	t.Helper()
	task := scene.Task
	process := task.Start(t)
	time.Sleep(after) // the moment is what is tested, and any is right
	if signal == "SIGTERM" {
		process.Terminate()
	} else {
		process.Kill()
	}
	process.Wait()
	result := task.Start(t).Result(t)
	if signal == "SIGKILL" && scene.leftToTheUser(result) {
		isClear(t, result)
		return
	}
	require.False(t, result.Failed(), "killed by %s after %s: %v", signal, after, result)
	testkit.Unchanged(t, task.Start(t).Result(t))
}

// met are the kinds of failure of a run that collided with another.
var met = []any{"conflict", "not_found", "timeout", "rejected", "unreachable"}

// TenAtOnce starts ten runs together. They leave what one would have left, or what
// the next run completes, and those that collided with another say so: on a busy
// machine that may be all of them, since MinIO keeps all settings of a bucket in one
// file, and of two that are written at once, one is lost.
func (s Suite) TenAtOnce(t *testing.T) {
	task := s.New(t).Task
	var processes []*testkit.Process
	for range 10 {
		processes = append(processes, task.Start(t))
	}
	for _, process := range processes {
		result := process.Result(t)
		if !result.Failed() {
			continue
		}
		t.Logf("%v: %v", result["kind"], result["msg"])
		require.Contains(t, met, result["kind"], "%v", result["msg"])
		require.NotEmpty(t, result["hint"], "%v: %v", result["kind"], result["msg"])
	}
	last := task.Start(t).Result(t)
	require.False(t, last.Failed(), "%v", last)
	testkit.Unchanged(t, task.Start(t).Result(t))
}
