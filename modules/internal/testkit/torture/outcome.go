// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// outcome is what a broken request led to.
type outcome string

const (
	converged outcome = "ok"
	next      outcome = "next"
	told      outcome = "told"
	notAsked  outcome = "-"
	wrong     outcome = "WRONG"
)

// again is how often a case is tried whose run ended without the request: what a
// controller or a poll causes is not in each run.
const again = 3

// one breaks a request and requires the outcome that the package promises.
func (s Suite) one(t *testing.T, one trial) (came outcome) {
	t.Helper()
	for range again {
		if came = s.once(t, one); came != notAsked {
			break
		}
	}
	return came
}

func (s Suite) once(t *testing.T, one trial) (came outcome) {
	t.Helper()
	scene := s.New(t)
	watch := watching(scene)
	watch.breaks(one.at, one.always, one.fault.handle)
	first := scene.Task.With(scene.Short).Run(t, one.bounds(t, watch), false)
	switch hits := watch.mended(); {
	case hits == 0:
		came = notAsked
	case first.Failed():
		isClear(t, first)
		came = next
	default:
		came = converged
	}
	if first.Failed() {
		repaired := scene.repair(t)
		if one.always && scene.leftToTheUser(repaired) {
			isClear(t, repaired)
			return told
		}
		require.False(t, repaired.Failed(), "after %v: %v", first["msg"], repaired)
	}
	scene.ends(t, scene.Task.Apply(t), false)
	return came
}

// repair is the run after one that failed. What that one left at work ends with its
// process, which here goes on: the next run may meet it.
func (s Scene) repair(t *testing.T) wire.Result {
	t.Helper()
	if s.Dies != nil {
		s.Dies(t)
	}
	repaired := s.Task.Apply(t)
	for range again {
		if repaired["kind"] != "conflict" {
			break
		}
		t.Logf("met what the run before still did: %v", repaired["msg"])
		repaired = s.Task.Apply(t)
	}
	return repaired
}

func (s Scene) ends(t *testing.T, result wire.Result, first bool) {
	t.Helper()
	if first && !s.Reads {
		testkit.Changed(t, result)
		return
	}
	testkit.Unchanged(t, result)
}

// unclear are words that mean something to programmers only, or to nobody.
var unclear = regexp.MustCompile(`panic|nil pointer|goroutine|0x[0-9a-f]{6}|%!|cannot unmarshal|invalid character|reflect\.|json: |(^|: )EOF$|unexpected EOF|context canceled|<nil>|map\[`)

// isClear requires a message that a person can act on.
func isClear(t *testing.T, result wire.Result) {
	t.Helper()
	message, _ := result["msg"].(string)
	require.NotEmpty(t, message)
	require.Less(t, len(message), 1<<10)
	require.NotContains(t, []any{nil, "", "internal"}, result["kind"], message)
	require.NotRegexp(t, unclear, message)
	require.NotEmpty(t, result["hint"], message)
	t.Logf("%s | %s", message, result["hint"])
}
