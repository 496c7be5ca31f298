// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chartutil"
)

// TestFailuresOfTheRealCharts: what a real version refuses, ours refuses in the same words; charts/README.md has the sources.
func TestFailuresOfTheRealCharts(t *testing.T) {
	const zipkin = "{tracing: {zipkin: {httpEndpoint: 'http://tempo:9411/api/v2/spans'}}}"
	const logs, accessLog = "{logs: {access: {enabled: true}}}", "{accessLog: {enabled: true}}"
	tests := map[string]struct{ reason, chart, version, values, message string }{
		"no Kafka":          {"Tempo 3 microservices", "tempo-distributed", "3.3.0", "{}", "ingest.kafka.address is required when blockBuilder or liveStore is enabled"},
		"seed values":       {"the same, with the seed's values except MinIO", "tempo-distributed", "3.3.0", "{storage: {trace: {backend: s3}}}", "ingest.kafka.address is required"},
		"MinIO gone":        {"the subchart was removed", "tempo-distributed", "3.3.0", "{minio: {enabled: true}}", "The built-in MinIO subchart has been removed"},
		"jaeger null":       {"_ports.tpl of the real chart", "tempo", "2.2.4", "{tempo: {receivers: {jaeger: null}}}", "nil pointer evaluating interface {}.protocols"},
		"zipkin on 34":      {"tracing is closed", "traefik", "34.2.0", zipkin, "'zipkin' not allowed"},
		"zipkin on 39":      {"tracing is closed", "traefik", "39.0.7", zipkin, "'zipkin' not allowed"},
		"zipkin on 41":      {"tracing is closed", "traefik", "41.3.0", zipkin, "'zipkin' not allowed"},
		"logs on 41":        {"renamed to accessLog", "traefik", "41.3.0", logs, "'logs' not allowed"},
		"accessLog on 39":   {"not supported yet, and the root is closed", "traefik", "39.0.7", accessLog, "'accessLog' not allowed"},
		"sample rate of 2":  {"at most 1", "traefik", "39.0.7", "{tracing: {sampleRate: 2}}", "sampleRate"},
		"log format":        {"an enumeration", "traefik", "34.2.0", "{logs: {access: {format: xml}}}", "format"},
		"enabled as string": {"a boolean", "traefik", "41.3.0", "{accessLog: {enabled: 'yes'}}", "enabled"},
		"v2 image on v3":    {"the chart supports v3 only", "traefik", "34.2.0", "{image: {tag: v2.11.0}}", "only supports Traefik Proxy v3"},
		"otlp without flag": {"Traefik would not start", "traefik", "39.0.7", "{logs: {access: {enabled: true, otlp: {enabled: true}}}}", "needs experimental.otlpLogs=true"},
		"otlp before 3.3":   {"Traefik does not support it", "traefik", "41.3.0", "{experimental: {otlpLogs: true}, accessLog: {otlp: {enabled: true}}, image: {tag: v3.2.5}}", "only available for traefik >= v3.3.0"},
		"dual before 3.7":   {"Traefik does not support it", "traefik", "41.3.0", "{accessLog: {dualOutput: true}, image: {tag: v3.6.12}}", "only available for traefik >= v3.7.0"},
		"a gateway":         {"not rendered here, so refused", "tempo-distributed", "0.27.9", "{gateway: {enabled: true}}", "does not render gateway.enabled"},
		"a DaemonSet":       {"not rendered here, so refused", "traefik", "20.3.1", "{deployment: {kind: DaemonSet}}", "does not render deployment.kind=DaemonSet"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tryRender(t, chartOf(t, tt.chart, tt.version), "tempo", "tracing", tt.values)
			require.ErrorContains(t, err, tt.message, tt.reason)
		})
	}
}

// TestSilentlyIgnored: what a real version accepts silently and without effect, ours does too.
func TestSilentlyIgnored(t *testing.T) {
	tests := map[string]struct{ reason, chart, version, values string }{
		"misspelt, 0.27":    {"no tempo chart has a schema", "tempo-distributed", "0.27.9", "{traces: {zipkinn: {enabled: true}}, unknown: 1}"},
		"misspelt, 2.26":    {"no tempo chart has a schema", "tempo-distributed", "2.26.2", "{traces: {zipkinn: {enabled: true}}, unknown: 1}"},
		"opencensus, 3.3":   {"the receiver is gone", "tempo-distributed", "3.3.0", "{traces: {opencensus: {enabled: true}}, ingest: {kafka: {address: 'k:9092'}}}"},
		"globals, 0.27":     {"global lists are read from 1.47 on", "tempo-distributed", "0.27.9", "{global: {extraEnvFrom: [{secretRef: {name: s}}], extraEnv: [{name: A, value: b}], extraArgs: [-x]}}"},
		"global from, 1.41": {"global.extraEnv is read, the others not yet", "tempo-distributed", "1.41.0", "{global: {extraEnvFrom: [{secretRef: {name: s}}], extraArgs: [-x]}}"},
		"tracing, 10.19":    {"tracing keys came with 10.29", "traefik", "10.19.3", "{tracing: {zipkin: {httpEndpoint: 'http://t'}}}"},
		"zipkin, 28":        {"Traefik v3, no schema yet", "traefik", "28.0.0", "{tracing: {zipkin: {httpEndpoint: 'http://t'}}}"},
		"zipkin, k3s 39":    {"k3s leaves the schema out", "traefik", "39.0.701+up39.0.7", "{tracing: {zipkin: {httpEndpoint: 'http://t'}}}"},
		"accessLog, k3s 39": {"k3s leaves the schema out", "traefik", "39.0.701+up39.0.7", "{accessLog: {enabled: true}}"},
		"logs, k3s 41":      {"k3s leaves the schema out", "traefik", "41.4.2+up41.4.0", "{logs: {access: {enabled: true}}}"},
		"service name, 28":  {"read from 33.2 on", "traefik", "28.0.0", "{tracing: {serviceName: x, sampleRate: 0.5}}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			base := "{minio: {enabled: true}}"
			switch {
			case tt.chart == "traefik":
				base = "{}"
			case tt.version == "3.3.0":
				base = "{ingest: {kafka: {address: 'k:9092'}}}"
			case tt.version != "0.27.9":
				base = "{minio: {enabled: false}}"
			}
			want := render(t, tt.chart, tt.version, "tempo", "tracing", base)
			require.Equal(t, want, render(t, tt.chart, tt.version, "tempo", "tracing", tt.values), tt.reason)
		})
	}
}

// TestKubernetesVersions: kubeVersion of the real charts, with which Helm refuses an old cluster.
func TestKubernetesVersions(t *testing.T) {
	tests := map[string]struct {
		reason, chart, version, cluster string
		fits                            bool
	}{
		"tempo 2 on 1.24":      {"^1.25", "tempo-distributed", "2.26.2", "v1.24.17", false},
		"tempo 2 on 1.34":      {"^1.25", "tempo-distributed", "2.26.2", "v1.34.4", true},
		"one pod of 3 on 1.24": {"^1.25", "tempo", "3.0.0", "v1.24.17", false},
		"one pod of 2 on 1.24": {"no constraint, although its README has one", "tempo", "2.2.4", "v1.24.17", true},
		"tempo 0.27 on 1.16":   {"no constraint", "tempo-distributed", "0.27.9", "v1.16.0", true},
		"traefik 34 on 1.21":   {">=1.22", "traefik", "34.2.0", "v1.21.0", false},
		"traefik 41 on 1.24":   {">=1.25", "traefik", "41.3.0", "v1.24.0", false},
		"traefik k3s on 1.34":  {">=1.22", "traefik", "39.0.701+up39.0.7", "v1.34.4+k3s1", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			need := chartOf(t, tt.chart, tt.version).Metadata.KubeVersion
			require.Equal(t, tt.fits, need == "" || chartutil.IsCompatibleRange(need, tt.cluster), tt.reason)
		})
	}
}
