// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TraceQL metrics are a hop of their own where Tempo has them for Grafana.
func TestTraceQLMetricsAreAHop(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		ask             bool
		want            string
	}{
		"2.6":      {"the first for Grafana", "2.6.0", true, "passed"},
		"3":        {"without a generator", "3.0.3", true, "passed"},
		"2.5":      {"an experiment", "2.5.0", true, ""},
		"unwanted": {"a Tempo that is run without", "2.10.8", false, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, broken{version: test.version})
			result := world.task().With(hasty).With(map[string]any{"traceql_metrics": test.ask}).Apply(t)
			require.False(t, result.Failed(), "%v", result)
			require.Equal(t, test.want, statuses(t, result)["metrics"], test.reason)
		})
	}
}
