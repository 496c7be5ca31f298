//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
	traefik "github.com/picluster/tracing/modules/traefik_tracing"
)

// TestMain lets a task run in a process of its own.
func TestMain(m *testing.M) {
	if testkit.Program(traefik.New) {
		return
	}
	os.Exit(m.Run())
}

// A run that is killed while k3s' Job upgrades Traefik is finished by the next one,
// which finds the settings written and waits for the same Job.
func TestKilledDuringTheRollout(t *testing.T) {
	t.Parallel()
	torture.Suite{Name: "traefik_tracing, rollout", New: func(t *testing.T) torture.Scene {
		l := newLab(t)
		l.install(t, "39.0.701+up39.0.7", "", nil)
		t.Cleanup(func() {
			args, env := l.about(t)
			require.ElementsMatch(t, append(otlpFlags, logFlags...), args)
			require.Equal(t, v39Variables, env)
		})
		return torture.Scene{Task: l.task(nil)}
	}}.Kill(t, 8*time.Second)
}
