// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// verified reads a configuration and holds it against the version of Tempo.
func verified(t *testing.T, config Config, chart helm.Chart, settings string) error {
	t.Helper()
	objects, err := helm.Objects(querierOf(settings), "tracing")
	require.NoError(t, err)
	rendered, err := Read(config, chart, nil, objects)
	require.NoError(t, err)
	return rendered.validateConfig()
}

func TestConfigurationIsCheckedAgainstTheVersion(t *testing.T) {
	ask := Config{VerifyConfig: true}
	cases := map[string]struct {
		reason string
		config Config
		chart  helm.Chart
		text   string
		want   string
	}{
		"2 as it is":           {"what charts for 2 write", ask, monolithicChart("2.2.4", "2.10.8"), "compactor: {}\ningester: {}\nserver: {}", ""},
		"2 for 3":              {"what makes pods crash-loop", ask, monolithicChart("3.0.0", "3.0.3"), "compactor: {}\ningester: {}\nserver: {}", "field compactor, ingester not found"},
		"3 for 2":              {"not yet supported", ask, monolithicChart("2.2.4", "2.10.8"), "memory: {automemlimit_enabled: true}", "field memory not found"},
		"misspelt":             {"in values.config", ask, monolithicChart("2.2.4", "2.10.8"), "serverr: {}", "field serverr not found"},
		"misspelt below":       {"with Tempo's own name", ask, monolithicChart("2.2.4", "2.10.8"), "distributor: {receiverz: {}}", "field receiverz not found in type distributor.Config (distributor.receiverz)"},
		"below, by version":    {"moved", ask, monolithicChart("3.0.0", "3.0.3"), "metrics_generator: {traces_storage: {}}", "field traces_storage not found in type generator.Config (metrics_generator.traces_storage)"},
		"below, left out":      {"the check is switched off", Config{}, monolithicChart("3.0.0", "3.0.3"), "distributor: {receiverz: {}}", ""},
		"search of 1.5":        {"removed in 2", ask, monolithicChart("1.24.4", "2.9.0"), "search_enabled: true", "field search_enabled not found"},
		"by the tag":           {"the image decides", Config{VerifyConfig: true, ImageTag: "2.3.1"}, monolithicChart("2.2.4", "2.10.8"), "cache: {}", "Tempo 2.3.1 does not start"},
		"flat limits, 2":       {"both forms are accepted", ask, monolithicChart("2.2.4", "2.10.8"), "overrides: {metrics_generator_processors: [span-metrics]}", ""},
		"flat limits, 3":       {"refused", ask, monolithicChart("3.0.0", "3.0.3"), "overrides: {metrics_generator_processors: [span-metrics], per_tenant_override_config: /conf/overrides.yaml}", "overrides.metrics_generator_processors"},
		"flat limits, allowed": {"allowed by a flag", ask, monolithicChart("3.0.0", "3.0.3"), "overrides: {metrics_generator_processors: [span-metrics], enable_legacy_overrides: true}", ""},
		"old blocks, 3.0":      {"it can still write them", ask, monolithicChart("3.0.0", "3.0.3"), "storage: {trace: {block: {version: vParquet3}}}", ""},
		"old blocks, 3.1":      {"it cannot", ask, monolithicChart("3.1.0", "3.1.0"), "storage: {trace: {block: {version: vParquet3}}}", "which it cannot write"},
		"new blocks, 2.8":      {"not yet", ask, monolithicChart("1.22.0", "2.8.0"), "storage: {trace: {block: {version: vParquet5}}}", "which it cannot write"},
		"unknown blocks":       {"misspelt", ask, monolithicChart("3.0.0", "3.0.3"), "storage: {trace: {block: {version: parquet4}}}", "which it cannot write"},
		"left out":             {"the check is switched off", Config{}, monolithicChart("3.0.0", "3.0.3"), "compactor: {}", ""},
		"no version":           {"nothing is known about it", Config{VerifyConfig: true, ImageTag: "main"}, monolithicChart("3.0.0", "3.0.3"), "compactor: {}\nstorage: {trace: {block: {version: v2}}}", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := verified(t, test.config, test.chart, test.text)
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
			require.Equal(t, fault.Unsupported, fault.KindOf(err))
			require.Contains(t, fault.HintOf(err), "verify_config: false")
		})
	}
}

// A key that went without a trace is told with what came in its place.
func TestRemovedValuesAreReported(t *testing.T) {
	config := Config{Values: map[string]any{"tempo": map[string]any{"ingester": map[string]any{"max_block_duration": "5m"}, "memBallastSizeMbs": 0}}}
	for version, want := range map[string]int{"2.2.4": 0, "3.0.0": 2} {
		var p plan.Plan
		Rendered{options: config, chart: monolithicChart(version, "")}.warnGone(&p)
		require.Len(t, p.Warnings, want, version)
		if want > 0 {
			require.Contains(t, fmt.Sprint(p.Warnings), "tempo.liveStore has the settings of the live store")
		}
	}
}

// In one pod of Tempo 3 the scheduler may be told how long blocks are kept and
// the worker, which deletes them, not.
func TestRetentionShowsWhereItIsEnforced(t *testing.T) {
	const scheduler = "backend_scheduler: {provider: {compaction: {compaction: {block_retention: 72h}}}}\n"
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		text   string
		want   bool
	}{
		"worker":                 {"the retention is reported", monolithicChart("3.0.0", "3.0.3"), scheduler + "backend_worker: {compaction: {block_retention: 72h}}", true},
		"worker, not configured": {"it keeps them for 336h", monolithicChart("3.0.0", "3.0.3"), scheduler, false},
		"worker, other":          {"the worker wins", monolithicChart("3.1.1", "3.1.0"), scheduler + "backend_worker: {compaction: {block_retention: 96h}}", false},
		"compactor":              {"before 3", monolithicChart("2.2.4", "2.10.8"), "compactor: {compaction: {block_retention: 72h}}", true},
		"compactor, other":       {"before 3", monolithicChart("2.2.4", "2.10.8"), "compactor: {compaction: {block_retention: 24h}}", false},
		"nothing":                {"nothing enforces it", monolithicChart("2.2.4", "2.10.8"), "server: {}", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			objects, err := helm.Objects(querierOf(test.text), "tracing")
			require.NoError(t, err)
			rendered, err := Read(Config{}, test.chart, nil, objects)
			require.NoError(t, err)
			require.Equal(t, test.want, retained(rendered, Config{Retention: "72h"}), test.reason)
		})
	}
}

// The next move is named: where the field is, or that nobody has it.
func TestUnknownFieldHasAHint(t *testing.T) {
	cases := map[string]struct{ reason, config, hint string }{
		"removed":  {"with 3", "metrics_generator: {traces_storage: {}}", "take metrics_generator.traces_storage out of values: it is there in Tempo 2.2.0 and newer, but not 3.0.0 only; verify_config: false leaves the check out"},
		"misspelt": {"in no version", "distributor: {receiverz: {}}", "look in values for a misspelt distributor.receiverz; verify_config: false leaves the check out"},
		"section":  {"with 3", "compactor: {}", "take compactor out of values: it is there in Tempo before 3.0.0 only; verify_config: false leaves the check out"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := verified(t, Config{VerifyConfig: true}, monolithicChart("3.0.0", "3.0.3"), test.config)
			require.Equal(t, test.hint, fault.HintOf(err), test.reason)
		})
	}
}
