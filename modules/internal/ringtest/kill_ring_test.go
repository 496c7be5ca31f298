// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
	"github.com/picluster/tracing/modules/internal/wire"
)

// module is the part of a suite's name that is the module's.
var module = regexp.MustCompile(`^\w+`)

// processed has the runs of a scene's task in processes of their own.
func processed(name string, scene torture.Scene) testkit.Task {
	task := scene.Task
	task.Env = map[string]string{asModule: module.FindString(name)}
	return task
}

// killed are the signals that end runs of a task. The short form has one for each
// task.
func killed(name string) []string {
	both := []string{"SIGKILL", "SIGTERM"}
	if !torture.Long() {
		return both[len(name)%2:][:1]
	}
	return slices.Repeat(both, 20)
}

// Killed at any moment, by either signal, a run is finished by the next one.
func TestKilledAtAnyMoment(t *testing.T) {
	seed := torture.Seed(t)
	for name, scene := range tortured() {
		for round, signal := range killed(name) {
			t.Run(fmt.Sprintf("%s, %s, %d", name, signal, round), func(t *testing.T) {
				t.Parallel()
				dice := rand.New(rand.NewPCG(seed, uint64(len(name)*1000+round))) //nolint:gosec // it is to be the same again
				killOnce(t, processed(name, scene(t)), signal, time.Duration(dice.Int64N(int64(whole))))
			})
		}
	}
}

// whole is about what a run takes that nothing disturbs, with the start of its
// process.
const whole = 1500 * time.Millisecond

func killOnce(t *testing.T, task testkit.Task, signal string, after time.Duration) {
	t.Helper()
	process := task.Start(t)
	time.Sleep(after) // the moment is the test's matter, and any is right
	if signal == "SIGTERM" {
		process.Terminate()
	} else {
		process.Kill()
	}
	process.Wait()
	result := task.Start(t).Result(t)
	require.False(t, result.Failed(), "killed by %s after %s: %v", signal, after, result)
	testkit.Unchanged(t, task.Start(t).Result(t))
}

// Ten runs that begin at once leave what one would have left, and those that met
// another say so.
func TestTenAtOnce(t *testing.T) {
	for name, scene := range tortured() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task := processed(name, scene(t))
			var processes []*testkit.Process
			for range 10 {
				processes = append(processes, task.Start(t))
			}
			var results []wire.Result
			for _, process := range processes {
				results = append(results, process.Result(t))
			}
			succeeded := 0
			for _, result := range results {
				if !result.Failed() {
					succeeded++
					continue
				}
				require.Contains(t, []any{"conflict", "not_found", "timeout", "rejected"}, result["kind"], "%v", result)
				require.NotEmpty(t, result["hint"], "%v", result)
			}
			require.Positive(t, succeeded, "%v", results)
			last := task.Start(t).Result(t)
			require.False(t, last.Failed(), "%v", last)
			testkit.Unchanged(t, task.Start(t).Result(t))
		})
	}
}
