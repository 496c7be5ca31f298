// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/secret"
)

func seedConfig() Config {
	return Config{Search: true, S3: S3{Bucket: "k3s-tempo", Endpoint: "s3.example.com:9091", Region: "eu-west-1",
		AccessKey: "tempo", SecretKey: secret.NewText("S3CRET-CANARY"), ValidateCerts: true, PathStyle: true}}
}

// The keys are written out for each generation, as its chart reads them.
func TestCompose(t *testing.T) {
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		change func(*Config)
		path   []string
		want   any
	}{
		"search":           {"off by default below 1.0", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0"}, nil, []string{"search", "enabled"}, true},
		"no search":        {"the chart no longer has the key", helm.Chart{Name: "tempo-distributed", Version: "1.40.0", AppVersion: "2.7.2"}, nil, []string{"search"}, nil},
		"no minio":         {"the chart could install one", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, nil, []string{"minio", "enabled"}, false},
		"opencensus":       {"the seed switches it on, and 1.5.0 has it", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0"}, nil, []string{"traces", "opencensus", "enabled"}, true},
		"opencensus gone":  {"2.10.7 does not start with it", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, nil, []string{"traces", "opencensus"}, nil},
		"skip verify, old": {"1.5.0 parses strictly", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0"}, func(c *Config) { c.S3.ValidateCerts = false }, []string{"storage", "trace", "s3", "insecure_skip_verify"}, true},
		"skip verify, new": {"renamed in 2.2", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, func(c *Config) { c.S3.ValidateCerts = false }, []string{"storage", "trace", "s3", "tls_insecure_skip_verify"}, true},
		"retention 3.x":    {"the compactor is gone", helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}, func(c *Config) { c.Retention = "168h" }, []string{"backendScheduler", "config", "provider", "compaction", "compaction", "block_retention"}, "168h"},
		"partitions":       {"one live store for each", helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}, func(c *Config) { c.Kafka = &Kafka{Address: "k:9092", Partitions: 2} }, []string{"liveStore", "replicas"}, 2.0},
		"preset":           {"a board of 4 GB keeps one copy", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, func(c *Config) { c.Resources = "raspberrypi" }, []string{"ingester", "config", "replication_factor"}, 1.0},
		"zipkin, single":   {"without an address it listens on localhost", helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}, nil, []string{"tempo", "receivers", "zipkin", "endpoint"}, "0.0.0.0:9411"},
		"generator, old":   {"flat keys", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0"}, func(c *Config) { c.MetricsGenerator = &MetricsGenerator{Processors: []string{"span-metrics"}} }, []string{"global_overrides", "metrics_generator_processors"}, []any{"span-metrics"}},
		"generator, new":   {"nested keys", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, func(c *Config) { c.MetricsGenerator = &MetricsGenerator{Processors: []string{"span-metrics"}} }, []string{"overrides", "defaults", "metrics_generator", "processors"}, []any{"span-metrics"}},
		"generator, fixed": {"the chart's own list is below global_overrides", helm.Chart{Name: "tempo-distributed", Version: "1.2.6", AppVersion: "2.0.1"}, func(c *Config) { c.MetricsGenerator = derive("span-metrics") },
			[]string{"tempo", "structuredConfig", "overrides", "metrics_generator_processors"}, []any{"span-metrics"}},
		"generator, not fixed": {"1.8.5 lists none", helm.Chart{Name: "tempo-distributed", Version: "1.8.5", AppVersion: "2.3.1"}, func(c *Config) { c.MetricsGenerator = derive("span-metrics") },
			[]string{"global_overrides", "metrics_generator_processors"}, []any{"span-metrics"}},
		"generator, single": {"nested keys from 1.19.0 on", helm.Chart{Name: "tempo", Version: "1.19.0", AppVersion: "2.7.1"}, func(c *Config) { c.MetricsGenerator = derive("span-metrics") },
			[]string{"tempo", "overrides", "defaults", "metrics_generator", "processors"}, []any{"span-metrics"}},
		"volume of 3.x": {"only the generator has a volume", helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}, func(c *Config) {
			c.Persistence, c.MetricsGenerator = &Persistence{Size: "5Gi"}, derive("span-metrics")
		}, []string{"metricsGenerator", "persistence", "size"}, "5Gi"},
		"no volume of 3.x": {"its chart has no such key", helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}, func(c *Config) {
			c.Persistence, c.MetricsGenerator = &Persistence{Size: "5Gi"}, derive("span-metrics")
		}, []string{"backendScheduler", "persistence"}, nil},
		"streaming":               {"at the top level there", distributedChart("2.26.2", "2.10.7"), func(c *Config) { c.Streaming = true }, []string{"streamOverHTTPEnabled"}, true},
		"streaming of the single": {"spelled differently", monolithicChart("3.0.0", "3.0.3"), func(c *Config) { c.Streaming = true }, []string{"tempo", "streamOverHttpEnabled"}, true},
		"no streaming":            {"the chart decides", distributedChart("2.26.2", "2.10.7"), nil, []string{"streamOverHTTPEnabled"}, nil},
		"retention of Tempo 3":    {"its one key reaches the scheduler", monolithicChart("3.1.0", "3.1.0"), func(c *Config) { c.Retention = "72h" }, []string{"tempo", "retention"}, "72h"},
		"retention of the worker": {"only the worker deletes, and the chart does not tell it", monolithicChart("3.1.0", "3.1.0"), func(c *Config) { c.Retention = "72h" },
			[]string{"tempo", "backendWorker", "compaction", "block_retention"}, "72h"},
		"retention of a configured worker": {"the chart configures it", monolithicChart("3.1.1", "3.1.0"), func(c *Config) { c.Retention = "72h" }, []string{"tempo", "backendWorker"}, nil},
		"workers": {"the chart does not render more than one without it", helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}, func(c *Config) {
			c.Replicas = map[string]int64{"backend_worker": 2}
		}, []string{"backendWorker", "podDisruptionBudget", "enabled"}, false},
		"opencensus by the tag": {"the distributor no longer has it", helm.Chart{Name: "tempo-distributed", Version: "1.61.3", AppVersion: "2.9.0"}, func(c *Config) {
			c.Values = tagOf("distributor", "2.9.4")
		}, []string{"traces", "opencensus"}, nil},
		"user's list joins": {"the credentials must not be lost", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, func(c *Config) {
			c.Values = map[string]any{"querier": map[string]any{"extraEnvFrom": []any{"mine"}}}
		}, []string{"querier", "extraEnvFrom"}, []any{map[string]any{"secretRef": map[string]any{"name": "tempo-s3-credentials"}}, "mine"}},
		"values last": {"the user's values win", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}, func(c *Config) {
			c.Values = map[string]any{"traces": map[string]any{"zipkin": map[string]any{"enabled": false}}}
		}, []string{"traces", "zipkin", "enabled"}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			if test.change != nil {
				test.change(&config)
			}
			values, err := Composer{Config: config, Chart: test.chart, Credentials: "tempo-s3-credentials", Checksum: "sum"}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
			text, err := json.Marshal(values)
			require.NoError(t, err)
			require.NotContains(t, string(text), "S3CRET-CANARY", "values contain no secret")
		})
	}
}
