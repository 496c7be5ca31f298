// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/helm"
)

func distributedChart(version, app string) helm.Chart {
	return helm.Chart{Name: "tempo-distributed", Version: version, AppVersion: app}
}

func variable(name, value string) map[string]any { return map[string]any{"name": name, "value": value} }

// limited are values with a memory limit, and more for the same component.
func limited(component, limit string, more map[string]any) map[string]any {
	inner := map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": limit}}}
	return map[string]any{component: helm.Merge(inner, more)}
}

func TestGoMemoryLimit(t *testing.T) {
	both := func(limit string) []any { return []any{variable("GOMEMLIMIT", limit), variable("GOGC", "80")} }
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		config Config
		path   []string
		want   any
	}{
		"one pod":             {"0.85 of 1Gi", monolithicChart("2.2.4", "2.10.8"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"tempo", "extraEnv"}, both("870MiB")},
		"one pod of 3":        {"the same there", monolithicChart("3.0.0", "3.0.3"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"tempo", "extraEnv"}, both("870MiB")},
		"one pod, no limit":   {"there is no limit", monolithicChart("3.0.0", "3.0.3"), Config{Sizing: Sizing{Resources: "default"}}, []string{"tempo", "extraEnv"}, nil},
		"a limit of values":   {"the user's limit counts", monolithicChart("3.0.0", "3.0.3"), Config{Values: limited("tempo", "2Gi", nil)}, []string{"tempo", "extraEnv"}, both("1740MiB")},
		"decimal":             {"in units of 1000", monolithicChart("3.0.0", "3.0.3"), Config{Values: limited("tempo", "1000M", nil)}, []string{"tempo", "extraEnv"}, both("810MiB")},
		"nonsense":            {"the API server reports it", monolithicChart("3.0.0", "3.0.3"), Config{Values: limited("tempo", "much", nil)}, []string{"tempo", "extraEnv"}, nil},
		"compactor":           {"each component by its own limit", distributedChart("1.61.3", "2.9.0"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"compactor", "extraEnv"}, both("435MiB")},
		"distributor":         {"each component by its own limit", distributedChart("0.27.9", "1.5.0"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"distributor", "extraEnv"}, both("326MiB")},
		"the chart does it":   {"from 2.12.0 on", distributedChart("2.26.2", "2.10.7"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"compactor", "extraEnv"}, nil},
		"the user's own":      {"the user's value is kept", monolithicChart("3.0.0", "3.0.3"), Config{Values: limited("tempo", "1Gi", map[string]any{"extraEnv": []any{variable("GOMEMLIMIT", "500MiB")}})}, []string{"tempo", "extraEnv"}, []any{variable("GOMEMLIMIT", "500MiB"), variable("GOGC", "80")}},
		"for all":             {"it counts, too", distributedChart("1.61.3", "2.9.0"), Config{Values: helm.Merge(limited("querier", "1Gi", nil), map[string]any{"global": map[string]any{"extraEnv": []any{variable("GOGC", "50")}}})}, []string{"querier", "extraEnv"}, []any{variable("GOMEMLIMIT", "870MiB")}},
		"ballast, one pod":    {"Go would count the ballast", monolithicChart("2.2.4", "2.10.8"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"tempo", "memBallastSizeMbs"}, float64(0)},
		"ballast, no limit":   {"unchanged", monolithicChart("2.2.4", "2.10.8"), Config{}, []string{"tempo", "memBallastSizeMbs"}, nil},
		"ballast, the user's": {"the user's value is kept", monolithicChart("2.2.4", "2.10.8"), Config{Values: limited("tempo", "4Gi", map[string]any{"memBallastSizeMbs": 512})}, []string{"tempo", "memBallastSizeMbs"}, float64(512)},
		"ballast of 3":        {"there is none", monolithicChart("3.0.0", "3.0.3"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"tempo", "memBallastSizeMbs"}, nil},
		"ballast, many":       {"by the flag", distributedChart("1.40.0", "2.7.2"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"querier", "extraArgs"}, []any{"-mem-ballast-size-mbs=0"}},
		"ballast, gone":       {"from 1.56.0 on", distributedChart("1.61.3", "2.9.0"), Config{Sizing: Sizing{Resources: "raspberrypi"}}, []string{"querier", "extraArgs"}, nil},
		"arguments":           {"the user's arguments are kept", distributedChart("1.40.0", "2.7.2"), Config{Values: limited("querier", "1Gi", map[string]any{"extraArgs": []any{"-log.level=debug"}})}, []string{"querier", "extraArgs"}, []any{"-log.level=debug", "-mem-ballast-size-mbs=0"}},
		"ballast by a flag":   {"the user's stays", distributedChart("1.40.0", "2.7.2"), Config{Values: limited("querier", "1Gi", map[string]any{"extraArgs": []any{"--mem-ballast-size-mbs=64"}})}, []string{"querier", "extraArgs"}, []any{"--mem-ballast-size-mbs=64"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := Composer{Config: test.config, Chart: test.chart, Credentials: "keys"}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}

// What was killed elsewhere is not what the presets give.
func TestPresetsFitTheirNodes(t *testing.T) {
	for name, preset := range presets() {
		least := map[string]string{"compactor": "512Mi", "metricsGenerator": "512Mi", "backendWorker": "512Mi", "ingester": "768Mi", "liveStore": "768Mi"}
		for component, floor := range least {
			limit, bound := resource.MustParse(preset.components[component].limit), resource.MustParse(floor)
			require.GreaterOrEqual(t, limit.Cmp(bound), 0, "%s: %s", name, component)
		}
		single, killed := resource.MustParse(preset.single.limit), resource.MustParse("768Mi")
		require.Positive(t, single.Cmp(killed), "%s: all in one pod", name)
		for component, size := range preset.components {
			ask, limit := resource.MustParse(size.memory), resource.MustParse(size.limit)
			require.Negative(t, ask.Cmp(limit), "%s: %s", name, component)
		}
	}
}
