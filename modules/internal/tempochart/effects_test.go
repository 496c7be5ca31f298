// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// settings are what a chart of today writes for seedConfig.
const settings = `
storage: {trace: {backend: s3, s3: {bucket: k3s-tempo, endpoint: "s3.example.com:9091", region: eu-west-1}}}
distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}}}}, log_received_spans: {enabled: true}}
compactor: {compaction: {block_retention: 72h}}
ingester: {lifecycler: {ring: {replication_factor: 1}}}
metrics_generator: {storage: {remote_write: [{url: "http://prometheus:9090/api/v1/write"}]}}
overrides: {defaults: {metrics_generator: {processors: [span-metrics]}}}
`

// querierOf is a manifest with that configuration and one workload.
func querierOf(config string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tempo-config}\ndata:\n  tempo.yaml: |\n" + indented(config, 4) + `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tempo-querier}
spec:
  replicas: 2
  template:
    metadata: {labels: {app.kubernetes.io/component: querier}}
    spec:
` + indented(pod, 6)
}

func indented(text string, by int) string {
	return strings.ReplaceAll("\n"+strings.Trim(text, "\n"), "\n", "\n"+strings.Repeat(" ", by))[1:]
}

const pod = `
nodeSelector: {disk: ssd}
tolerations: [{key: storage, operator: Exists}]
containers: [{name: querier, image: "docker.io/grafana/tempo:2.10.8", resources: {limits: {memory: 512Mi}}}]
`

// workload is that of querierOf alone.
var workload = strings.SplitN(querierOf(settings), "---", 2)[1]

func secretOf(config string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata: {name: tempo-config}\ndata: {tempo.yaml: " + base64.StdEncoding.EncodeToString([]byte(config)) + "}\n"
}

func derive(processors ...string) *MetricsGenerator {
	return &MetricsGenerator{RemoteWriteURL: "http://prometheus:9090/api/v1/write", Processors: processors}
}

// tagOf are values with an image tag for one component.
func tagOf(component, tag string) map[string]any {
	return map[string]any{component: map[string]any{"image": map[string]any{"tag": tag}}}
}

func tolerating(key string) []any { return []any{map[string]any{"key": key, "operator": "Exists"}} }

// warned reads a manifest and holds it against the options.
func warned(t *testing.T, p *plan.Plan, config Config, chart helm.Chart, values map[string]any, manifest string) error {
	t.Helper()
	objects, err := helm.Objects(manifest, "tracing")
	require.NoError(t, err)
	rendered, err := Read(config, chart, values, objects)
	if err != nil {
		return err
	}
	return rendered.Warn(p)
}

// What no schema tells: an option that does not show in what the chart renders is
// refused, and values of the user's that win are told.
func TestEffects(t *testing.T) {
	values := func(path string, value any) map[string]any {
		made := map[string]any{}
		helm.Set(made, value, strings.Split(path, ".")...)
		return made
	}
	without := func(line string) string { return strings.Replace(settings, line, "", 1) }
	cases := map[string]struct {
		reason   string
		change   func(*Config)
		values   map[string]any
		manifest string
		refused  string
		warned   string
	}{
		"all there":           {"no warning", func(c *Config) { c.Retention, c.LogReceivedSpans = "72h", true }, nil, querierOf(settings), "", ""},
		"in a Secret":         {"configStorageType: Secret", func(c *Config) { c.Retention = "72h" }, nil, secretOf(settings) + "---" + workload, "", ""},
		"ignored in a Secret": {"the Secret is read as well", func(c *Config) { c.Retention = "1h" }, nil, secretOf(settings) + "---" + workload, "retention has no effect", ""},
		"retention ignored":   {"the chart has no such key", func(c *Config) { c.Retention = "72h" }, nil, querierOf(without("block_retention: 72h")), "retention has no effect", ""},
		"store ignored":       {"Tempo would write to its own disk", nil, nil, querierOf(strings.Replace(settings, "backend: s3", "backend: local", 1)), "s3 has no effect", ""},
		"spans not logged":    {"the chart has no such key", func(c *Config) { c.LogReceivedSpans = true }, nil, querierOf(strings.Replace(settings, "enabled: true", "enabled: false", 1)), "log_received_spans has no effect", ""},
		"receiver ignored":    {"the receiver is in no section", func(c *Config) { c.Receivers = []tempo.Endpoint{tempo.OTLPgRPC, tempo.Zipkin} }, nil, querierOf(settings), "receivers has no effect", ""},
		"receiver there":      {"the receiver is configured", func(c *Config) { c.Receivers = []tempo.Endpoint{tempo.OTLPgRPC} }, nil, querierOf(settings), "", ""},
		"search always on":    {"search cannot be switched off", func(c *Config) { c.Search = false }, nil, querierOf(settings), "search: false has no effect", ""},
		"search off":          {"search can be switched off", func(c *Config) { c.Search = false }, nil, querierOf(settings + "search_enabled: false\n"), "", ""},
		"report not ignored":  {"reporting is off", func(c *Config) { c.UsageReport = new(bool) }, nil, querierOf(settings + "usage_report: {reporting_enabled: false}\n"), "", ""},
		"report ignored":      {"Tempo reports by default", func(c *Config) { c.UsageReport = new(bool) }, nil, querierOf(settings), "usage_report has no effect", ""},
		"processors ignored":  {"other processors run", func(c *Config) { c.MetricsGenerator = derive("host-info") }, nil, querierOf(settings), "metrics_generator has no effect", ""},
		"processors there":    {"nested", func(c *Config) { c.MetricsGenerator = derive("span-metrics") }, nil, querierOf(settings), "", ""},
		"kafka ignored":       {"the chart has no such key", func(c *Config) { c.Kafka = &Kafka{Address: "kafka:9092", Topic: "t"} }, nil, querierOf(settings), "kafka has no effect", ""},
		"factor ignored":      {"another one", func(c *Config) { c.ReplicationFactor = 3 }, nil, querierOf(settings), "replication_factor has no effect", ""},
		"no volume":           {"no StatefulSet has one", func(c *Config) { c.Persistence = &Persistence{Size: "5Gi"} }, nil, querierOf(settings), "persistence has no effect", ""},
		"tag ignored":         {"another image runs", func(c *Config) { c.ImageTag = "2.10.6" }, nil, querierOf(settings), "image_tag has no effect", ""},
		"tag there":           {"the image runs", func(c *Config) { c.ImageTag = "2.10.8" }, nil, querierOf(settings), "", ""},
		"replicas ignored":    {"another number", func(c *Config) { c.Replicas = map[string]int64{"querier": 3} }, nil, querierOf(settings), "replicas has no effect", ""},
		"replicas there":      {"that number", func(c *Config) { c.Replicas = map[string]int64{"querier": 2} }, nil, querierOf(settings), "", ""},
		"nodes ignored":       {"another label", func(c *Config) { c.NodeSelector = map[string]string{"disk": "hdd"} }, nil, querierOf(settings), "node_selector has no effect", ""},
		"nodes there":         {"that label", func(c *Config) { c.NodeSelector = map[string]string{"disk": "ssd"} }, nil, querierOf(settings), "", ""},
		"tolerations ignored": {"another key", func(c *Config) { c.Tolerations = tolerating("gpu") }, nil, querierOf(settings), "tolerations has no effect", ""},
		"tolerations there":   {"that key", func(c *Config) { c.Tolerations = tolerating("storage") }, nil, querierOf(settings), "", ""},
		"sizes ignored":       {"another limit", func(c *Config) { c.Resources = "small" }, nil, querierOf(settings), "resources has no effect", ""},
		"sizes there":         {"that limit", func(c *Config) { c.Resources = "raspberrypi" }, nil, querierOf(settings), "", ""},

		"opencensus in a configuration": {"by values, and without a value", nil, values("config", "..."), querierOf(strings.Replace(settings, "receivers: {", "receivers: {opencensus: null, ", 1)), "no OpenCensus receiver", ""},
		"a processor of values": {"the generator is older", nil, tagOf("metricsGenerator", "2.7.2"), querierOf(strings.Replace(settings, "[span-metrics]", "[host-info]", 1)), "",
			"values name the processor host-info, which Tempo 2.7.2 does not have"},
		"a key twice": {"the chart's own list, and that of values", nil, values("tempo.global_overrides.metrics_generator_processors", []any{"span-metrics"}),
			querierOf(settings + "overrides: {metrics_generator_processors: [service-graphs]}\n"), `key "overrides" already set`, ""},
		"no YAML": {"the user's own configuration, which is not quoted", nil, values("config", "secret_key: [x"), querierOf("secret_key: [x"), "it is not YAML", ""},

		"values win": {"the user's values win, with a warning", func(c *Config) { c.Retention = "72h" }, values("compactor.config.compaction.block_retention", "24h"),
			querierOf(strings.Replace(settings, "72h", "24h", 1)), "", "values.compactor.config.compaction.block_retention overrides what retention says"},
		"values agree":             {"nothing is overridden", func(c *Config) { c.Retention = "72h" }, values("compactor.config.compaction.block_retention", "72h"), querierOf(settings), "", ""},
		"values without an option": {"they replace nothing", nil, values("traces.zipkin.enabled", false), querierOf(settings), "", ""},
		"another bucket": {"by name", nil, values("storage.trace.s3.bucket", "mine"), querierOf(strings.Replace(settings, "k3s-tempo", "mine", 1)), "",
			"values.storage.trace.s3.bucket overrides what s3 says"},
		"receivers by values": {"by name", func(c *Config) { c.Receivers = []tempo.Endpoint{tempo.OTLPgRPC} }, values("traces.otlp.grpc.enabled", false), querierOf(settings), "",
			"values.traces.otlp.grpc.enabled overrides what receivers says"},
		"replicas by values": {"by name", func(c *Config) { c.Replicas = map[string]int64{"querier": 2} }, values("querier.replicas", 3), querierOf(settings), "",
			"values.querier.replicas overrides what replicas says"},
		"a volume of values": {"no template reads the key", nil, values("backendScheduler.persistence.enabled", true), querierOf(settings), "",
			"values.backendScheduler.persistence has no effect"},
		"a volume in memory": {"it is not a volume", nil, values("querier.persistence", map[string]any{"enabled": true, "inMemory": true}), querierOf(settings), "", ""},
		"an image of one component": {"by name", func(c *Config) { c.ImageTag = "2.10.6" }, tagOf("querier", "2.10.8"), querierOf(settings), "",
			"values.querier.image.tag overrides what image_tag says"},
		"autoscaling": {"the autoscaler sets the number", func(c *Config) { c.Replicas = map[string]int64{"querier": 3} }, values("querier.autoscaling.enabled", true), querierOf(settings), "",
			"values.querier.autoscaling.enabled overrides what replicas says"},
		"a configuration of the user's": {"it omits ours", func(c *Config) { c.Retention = "72h" }, values("config", "storage: {}"), querierOf(without("block_retention: 72h")), "",
			"values.config overrides what retention says"},
		"laid over": {"under the configuration's own keys", func(c *Config) { c.Retention = "72h" }, values("tempo.structuredConfig.compactor.compaction.block_retention", "24h"),
			querierOf(strings.Replace(settings, "72h", "24h", 1)), "", "values.tempo.structuredConfig.compactor.compaction.block_retention overrides what retention says"},
		"nobody knows why": {"the chart, or values", func(c *Config) { c.Retention = "72h" }, values("a.b", "c"), querierOf(without("block_retention: 72h")), "",
			"retention has no effect: other values override it, or chart tempo-distributed-2.26.2 ignores it"},
		"a configuration elsewhere": {"our configuration is not read", func(c *Config) { c.Retention = "72h" }, values("useExternalConfig", true), workload, "",
			"values.useExternalConfig: Tempo reads a configuration that is not this release's, so that these have no effect: s3, retention"},
		"keys in a variable": {"the variable takes precedence over the Secret", nil, values("querier.extraEnv", []any{map[string]any{"name": "AWS_ACCESS_KEY_ID", "value": "x"}}), querierOf(settings), "",
			"values.querier.extraEnv: AWS_ACCESS_KEY_ID overrides the keys in s3"},
		"keys in the configuration": {"they take precedence over the Secret", nil, values("storage.trace.s3.access_key", "x"), querierOf(settings), "",
			"values.storage.trace.s3.access_key overrides the keys in s3"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			if test.change != nil {
				test.change(&config)
			}
			config.Values = test.values
			var p plan.Plan
			chart := helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}
			err := warned(t, &p, config, chart, nil, test.manifest)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, test.reason)
				require.Equal(t, fault.Unsupported, fault.KindOf(err))
				return
			}
			require.NoError(t, err, test.reason)
			require.Contains(t, fmt.Sprint(p.Warnings), test.warned, test.reason)
			if test.warned == "" {
				require.Empty(t, p.Warnings, test.reason)
			}
		})
	}
}

// Where the chart's own list of processors stands below the limits, the module's
// is laid over both, and so over that of values.
func TestOverriddenValues(t *testing.T) {
	config := seedConfig()
	config.MetricsGenerator = derive("span-metrics")
	config.Values = map[string]any{"global_overrides": map[string]any{"metrics_generator_processors": []any{"service-graphs"}}}
	chart := helm.Chart{Name: "tempo-distributed", Version: "1.8.4", AppVersion: "2.3.1"}
	values, err := Composer{Config: config, Chart: chart}.Compose()
	require.NoError(t, err)
	var p plan.Plan
	require.NoError(t, warned(t, &p, config, chart, values, querierOf(settings)))
	require.Equal(t, []string{"values.global_overrides.metrics_generator_processors has no effect: metrics_generator.processors overrides it"}, p.Warnings)
}
