// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// Whatever breaks between the module and Grafana, the run converges, or it says
// what was wrong and the next one converges.
func TestTorture(t *testing.T) {
	scene := func(t *testing.T) torture.Scene {
		l := newLab(t)
		task := l.task(tempo).With(map[string]any{"check_health": true, "timeout": "10m"}) // beside many others
		return torture.Scene{Task: task, Servers: map[string]torture.Server{"Grafana": l.proxy}, Names: []string{strconv.FormatInt(l.orgID, 10)}}
	}
	changed := func(options map[string]any) func(*testing.T) torture.Scene {
		return func(t *testing.T) torture.Scene {
			made := scene(t)
			testkit.Changed(t, made.Task.Apply(t))
			made.Task = made.Task.With(options)
			return made
		}
	}
	for name, begin := range map[string]func(t *testing.T) torture.Scene{
		"grafana_datasource":         scene,
		"grafana_datasource, change": changed(map[string]any{"ds_url": "http://tempo.elsewhere:3200"}),
		"grafana_datasource, absent": changed(map[string]any{"state": "absent"}),
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
