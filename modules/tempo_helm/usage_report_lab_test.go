// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// With usage reports off, Tempo sends none, with each chart; if the task does
// not say, the chart's default applies.
func TestUsageReportIsSwitchedOff(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		options map[string]any
		config  string
	}{
		"one pod of 3":     {"below tempo", map[string]any{"chart_version": "3.0.0"}, "tempo"},
		"many pods":        {"at the top", map[string]any{"mode": "microservices", "chart_version": "2.26.2", "resources": "raspberrypi"}, "tempo-config"},
		"many pods of 1.5": {"by Tempo's own configuration", map[string]any{"mode": "microservices", "chart_version": "0.27.9", "resources": "raspberrypi"}, "tempo-config"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, test.options)
			testkit.Changed(t, task.Apply(t))
			require.NotEqual(t, false, helm.Lookup(lab.configOf(t, test.config), "usage_report", "reporting_enabled"), "the chart decides")
			testkit.FourRuns(t, task.With(map[string]any{"usage_report": false}))
			require.Equal(t, false, helm.Lookup(lab.configOf(t, test.config), "usage_report", "reporting_enabled"), test.reason)
			testkit.Changed(t, task.Apply(t))
			require.NotEqual(t, false, helm.Lookup(lab.configOf(t, test.config), "usage_report", "reporting_enabled"), "and decides again")
		})
	}
}
