// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"os"
	"testing"
	"time"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// TestMain lets a task run in a process of its own.
func TestMain(m *testing.M) {
	if testkit.Program(New) {
		return
	}
	os.Exit(m.Run())
}

// Whatever breaks between the module and MinIO, the run converges, or it says what
// was wrong and the next one converges. The same holds when it is killed, or when
// ten start at once.
func TestTorture(t *testing.T) {
	const busy = "10m" // ten at once compute keys on the processors of whoever else tests
	settings := map[string]any{"timeout": busy, "versioning": "on", "quota": "1GiB", "expire_days": 30, "tags": map[string]any{"owner": "tracing"}}
	scene := func(t *testing.T) (*lab, torture.Scene) {
		l := newLab(t)
		return l, torture.Scene{Task: l.task(settings), Servers: map[string]torture.Server{"MinIO": l.proxy}, Names: []string{l.bucket, l.user}}
	}
	for name, begin := range map[string]func(t *testing.T) torture.Scene{
		"minio_tempo_bucket": func(t *testing.T) torture.Scene {
			_, scene := scene(t)
			return scene
		},
		"minio_tempo_bucket, absent": func(t *testing.T) torture.Scene {
			l, scene := scene(t)
			testkit.Changed(t, scene.Task.Apply(t))
			scene.Task = l.task(map[string]any{"timeout": busy, "state": "absent", "remove_bucket": true})
			return scene
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite := torture.Suite{Name: name, New: begin}
			suite.Run(t)
			t.Run("killed", func(t *testing.T) { suite.Kill(t, 300*time.Millisecond) })
			t.Run("ten at once", suite.TenAtOnce)
		})
	}
}
