// SPDX-License-Identifier: AGPL-3.0-or-later

package tempofields_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/tempofields"
)

func TestUnknownFieldsBelowTheTop(t *testing.T) {
	from := func(version string) []compat.Span { return []compat.Span{{From: version}} }
	before := func(version string) []compat.Span { return []compat.Span{{Before: version}} }
	cases := map[string]struct {
		reason, tempo, config string
		want                  []tempofields.Unknown
	}{
		"misspelt":           {"no version has it", "2.10.8", "distributor: {receiverz: {}}", []tempofields.Unknown{{Path: "distributor.receiverz", Type: "distributor.Config"}}},
		"third level":        {"deeply nested", "3.0.3", "storage: {trace: {blok: {}}}", []tempofields.Unknown{{Path: "storage.trace.blok", Type: "tempodb.Config"}}},
		"not yet":            {"TLS with a CA was introduced in 2.2", "1.5.0", "storage: {trace: {s3: {tls_ca_path: /ca}}}", []tempofields.Unknown{{Path: "storage.trace.s3.tls_ca_path", Type: "s3.Config", Known: from("2.2.0")}}},
		"no longer":          {"it was renamed", "2.10.8", "storage: {trace: {azure: {container-name: a}}}", []tempofields.Unknown{{Path: "storage.trace.azure.container-name", Type: "azure.Config", Known: before("2.0.0")}}},
		"reads itself":       {"receivers belong to the OpenTelemetry Collector", "2.10.8", "distributor: {receivers: {otlp: {any: thing}}}", nil},
		"flat limits, 2.10":  {"both forms are known", "2.10.8", "overrides: {max_traces_per_user: 5, defaults: {ingestion: {max_traces_per_user: 5}}}", nil},
		"limits, misspelt":   {"in their scope", "2.10.8", "overrides: {defaults: {ingestion: {max_trace_per_user: 5}}}", []tempofields.Unknown{{Path: "overrides.defaults.ingestion.max_trace_per_user", Type: "overrides.IngestionOverrides"}}},
		"in a list":          {"each of them", "2.10.8", "distributor: {forwarders: [{name: a}, {nam: b}]}", []tempofields.Unknown{{Path: "distributor.forwarders[1].nam", Type: "forwarder.Config"}}},
		"empty":              {"a section without anything", "2.10.8", "compactor:", nil},
		"another at the top": {"reported elsewhere", "3.0.3", "compactor: {such: 1}", nil},
		"3.1":                {"not yet listed", "3.1.0", "distributor: {receiverz: {}}", nil},
		"no version":         {"nothing is known", "main", "distributor: {receiverz: {}}", nil},
		"two of one name":    {"distinguished, and named as in Tempo", "3.0.3", "backend_scheduler_client: {such: 1}", []tempofields.Unknown{{Path: "backend_scheduler_client.such", Type: "client.Config"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var config map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(test.config), &config))
			require.Equal(t, test.want, tempofields.In(config, test.tempo), test.reason)
		})
	}
}
