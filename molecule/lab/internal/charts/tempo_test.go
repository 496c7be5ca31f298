// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestCredentialsReachEveryComponent: extraEnvFrom per component works in every version, and only there.
func TestCredentialsReachEveryComponent(t *testing.T) {
	old := []string{"ingester", "distributor", "compactor", "querier", "queryFrontend"}
	kafka := []string{"distributor", "querier", "queryFrontend", "backendScheduler", "backendWorker", "blockBuilder", "liveStore"}
	tests := map[string]struct {
		reason, version string
		sections        []string
		pods            int
	}{
		"0.27.9": {"seed's chart", "0.27.9", old, 5},
		"1.61.3": {"last of the frozen repository", "1.61.3", old, 5},
		"2.26.2": {"last without Kafka", "2.26.2", old, 5},
		"3.3.0":  {"with Kafka", "3.3.0", kafka, 7},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			values := "minio: {enabled: false}\ningest: {kafka: {address: 'k:9092'}}\n"
			for _, s := range tt.sections {
				values += s + ": {extraEnvFrom: [{secretRef: {name: tempo-s3}}]}\n"
			}
			with := 0
			for id, o := range render(t, "tempo-distributed", tt.version, "tempo", "tracing", values) {
				if strings.HasPrefix(id, "Deployment/") || strings.HasPrefix(id, "StatefulSet/") {
					has := o.str("spec", "template", "spec", "containers", "0", "envFrom", "0", "secretRef", "name") == "tempo-s3"
					require.Equal(t, id != "StatefulSet/tempo-memcached", has, id)
					with += map[bool]int{true: 1}[has]
				}
			}
			require.Equal(t, tt.pods, with, tt.reason)
		})
	}
}

// TestTempoConfiguration reads tempo.yaml as Tempo would; the expectations are from the real charts' rendered ConfigMaps.
func TestTempoConfiguration(t *testing.T) {
	seed := readTestdata(t, "seed-values.yaml")
	s3 := map[string]any{"bucket": "k3s-tempo", "endpoint": "minio.example.com:9091", "region": "eu-west-1",
		"access_key": "tempo", "secret_key": "supersecret1", "insecure": false}
	tests := map[string]struct {
		reason, version, values, path string
		want                          any
	}{
		"s3 verbatim, 0.27": {"passed through", "0.27.9", seed, "storage.trace.s3", s3},
		"s3 verbatim, 2.26": {"passed through", "2.26.2", seed, "storage.trace.s3", s3},
		"search, 0.27":      {"off unless asked for", "0.27.9", seed, "search_enabled", false},
		"search gone, 1.40": {"the key went with 1.0", "1.40.0", seed, "search_enabled", nil},
		"port, 0.27":        {"3100", "0.27.9", seed, "server.http_listen_port", 3100.0},
		"port, 1.41":        {"3200", "1.41.0", seed, "server.http_listen_port", 3200.0},
		"spans":             {"log_received_spans", "2.26.2", seed, "distributor.log_received_spans.enabled", true},
		"opencensus, 2.26":  {"still rendered; the image cannot read it", "2.26.2", seed, "distributor.receivers.opencensus.endpoint", "0.0.0.0:55678"},
		"compact":           {"endpoint", "2.26.2", seed, "distributor.receivers.jaeger.protocols.thrift_compact.endpoint", "0.0.0.0:6831"},
		"factor":            {"replication", "0.27.9", "{ingester: {config: {replication_factor: 1}}}", "ingester.lifecycler.ring.replication_factor", 1.0},
		"retention":         {"compactor", "1.61.3", "{compactor: {config: {compaction: {block_retention: 72h}}}}", "compactor.compaction.block_retention", "72h"},
		"structured":        {"merged over the defaults", "0.27.9", "{tempo: {structuredConfig: {server: {log_level: debug}}}}", "server.log_level", "debug"},
		"own config":        {"replaced as a whole", "2.26.2", "{config: 'server: {http_listen_port: 1}'}", "distributor", nil},
		"overrides, 0.27":   {"global_overrides", "0.27.9", "{global_overrides: {x: 1}}", "overrides.x", 1.0},
		"overrides, 1.40":   {"overrides", "1.40.0", "{overrides: {defaults: {x: 1}}}", "overrides.defaults.x", 1.0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cm := render(t, "tempo-distributed", tt.version, "tempo", "tracing", tt.values)["ConfigMap/tempo-config"]
			var config object
			require.NoError(t, yaml.Unmarshal([]byte(cm.str("data", "tempo.yaml")), &config))
			require.Equal(t, tt.want, config.at(strings.Split(tt.path, ".")...), tt.reason)
		})
	}
}

// TestUpgradeToHeadlessMemcached: between 2.17.9 and 2.17.10 an immutable field of the Service changes.
func TestUpgradeToHeadlessMemcached(t *testing.T) {
	for version, want := range map[string]any{"2.17.9": nil, "2.17.10": "None", "2.26.2": "None"} {
		out := render(t, "tempo-distributed", version, "tempo", "tracing", "{}")
		require.Equal(t, want, out["Service/tempo-memcached"].at("spec", "clusterIP"), version)
	}
}

// TestNamesFollowTheRelease: nothing may be derived as RELEASE-distributor.
func TestNamesFollowTheRelease(t *testing.T) {
	for release, want := range map[string]string{"tempo": "tempo", "my-tempo": "my-tempo", "traces": "traces-tempo"} {
		out := render(t, "tempo-distributed", "2.26.2", release, "tracing", "{}")
		require.Contains(t, out, fmt.Sprintf("Service/%s-distributor", want))
		require.Contains(t, out, "ServiceAccount/"+want)
		require.Contains(t, render(t, "tempo", "2.2.4", release, "tracing", "{}"), "StatefulSet/"+want)
	}
}

// TestIncompatiblePair: chart 2.2.1 of the single binary cannot remove opencensus, 2.2.4 has none.
func TestIncompatiblePair(t *testing.T) {
	for version, want := range map[string]bool{"2.2.1": true, "2.2.4": false} {
		cm := render(t, "tempo", version, "tempo", "tracing", "{tempo: {receivers: {zipkin: {endpoint: '0.0.0.0:9411'}}}}")["ConfigMap/tempo"]
		var config map[string]map[string]map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(strings.Join(distributorOf(cm.str("data", "tempo.yaml")), "\n")), &config))
		_, ok := config["distributor"]["receivers"]["opencensus"]
		require.Equal(t, want, ok, version)
	}
}

// distributorOf cuts the distributor's lines out of a tempo.yaml.
func distributorOf(config string) []string {
	var out []string
	in := false
	for _, line := range strings.Split(config, "\n") {
		if !strings.HasPrefix(line, " ") {
			in = strings.HasPrefix(line, "distributor:")
		}
		if in {
			out = append(out, line)
		}
	}
	return out
}
