// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"regexp"
	"testing"
	"time"

	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// module matches the module's name in the name of a suite.
var module = regexp.MustCompile(`^\w+`)

// processed runs a scene's task in processes of their own.
func processed(name string, scene func(t *testing.T) torture.Scene) torture.Suite {
	return torture.Suite{Name: name, New: func(t *testing.T) torture.Scene {
		made := scene(t)
		made.Task.Env = map[string]string{asModule: module.FindString(name)}
		return made
	}}
}

// whole is about how long an undisturbed run takes, with the start of its
// process.
const whole = 1500 * time.Millisecond

// Killed at any moment, by either signal, a run is finished by the next one.
func TestKilledAtAnyMoment(t *testing.T) {
	for name, scene := range tortured() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			processed(name, scene).Kill(t, whole)
		})
	}
}

func TestTenAtOnce(t *testing.T) {
	for name, scene := range tortured() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			processed(name, scene).TenAtOnce(t)
		})
	}
}
