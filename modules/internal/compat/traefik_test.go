// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestTraefikChart(t *testing.T) {
	pod := []compat.TraefikVariable{{Name: "POD_NAME", Field: "metadata.name"}, {Name: "POD_NAMESPACE", Field: "metadata.namespace"}}
	cases := map[string]struct {
		reason     string
		tracing    compat.TraefikExport
		common     bool
		attributes string
		accessLog  []string
		mode       string
		modes      []string
		variables  []compat.TraefikVariable
	}{
		"9.12.0":                {"the first with an access log", "", false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"10.28.0":               {"no values for tracing yet", "", false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"10.29.0":               {"Zipkin", compat.Zipkin, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"23.2.0":                {"a default for env", compat.Zipkin, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, pod},
		"27.0.2":                {"the last of Traefik 2", compat.Zipkin, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, pod},
		"27.0.201+up27.0.2":     {"the same as k3s packages it", compat.Zipkin, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, pod},
		"28.0.0":                {"OTLP", compat.OTLP, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, pod},
		"33.0.0":                {"env is empty again", compat.OTLP, false, "", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"33.2.0":                {"the settings common to all back ends", compat.OTLP, true, "globalAttributes", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"34.0.0":                {"attributes by their new name", compat.OTLP, true, "resourceAttributes", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"39.0.701+up39.0.7":     {"repackaged by k3s", compat.OTLP, true, "resourceAttributes", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"39.0.701_up39.0.7":     {"the same as a label value", compat.OTLP, true, "resourceAttributes", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
		"41.0.0":                {"the access log has moved", compat.OTLP, true, "resourceAttributes", []string{"accessLog"}, "defaultMode", []string{"fields"}, nil},
		"40.99.0_something-own": {"somebody's own build metadata", compat.OTLP, true, "resourceAttributes", []string{"logs", "access"}, "defaultmode", []string{"fields", "general"}, nil},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			got, err := compat.Traefik(version)
			require.NoError(t, err)
			require.Equal(t, test.tracing, got.Tracing, test.reason)
			require.Equal(t, test.common, got.Common, test.reason)
			require.Equal(t, test.attributes, got.Attributes, test.reason)
			require.Equal(t, test.accessLog, got.AccessLog, test.reason)
			require.Equal(t, test.mode, got.DefaultMode, test.reason)
			require.Equal(t, test.modes, got.FieldModes, test.reason)
			require.Equal(t, test.variables, got.Environment, test.reason)
			require.NotEmpty(t, got.Source)
		})
	}
}

func TestUnknownTraefikChart(t *testing.T) {
	_, err := compat.Traefik("9.11.0")
	require.EqualError(t, err, "Traefik chart 9.11.0 is older than 9.12.0, the first one with access-log values")
	_, err = compat.Traefik("newest")
	require.ErrorContains(t, err, `read Traefik chart version "newest"`)
}

func TestTraefikRelease(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		floating, known bool
	}{
		"v3.6.13":                     {"as the project's tags", "3.6.13", false, true},
		"3.6.13":                      {"without a v", "3.6.13", false, true},
		"v3.6":                        {"the tag moves with each patch", "3.6.999", true, true},
		"v3":                          {"the tag moves with each minor", "3.999.999", true, true},
		"v3.0.0-rc.1":                 {"a release candidate", "3.0.0-rc.1", false, true},
		"experimental-v3.0":           {"a prefix", "3.0.999", true, true},
		"v3.3.6@sha256:0123456789abc": {"pinned by its digest", "3.3.6", false, true},
		"latest":                      {"not a version", "", false, false},
		"":                            {"no tag", "", false, false},
	}
	for tag, test := range cases {
		t.Run(tag, func(t *testing.T) {
			version, floating, known := compat.TraefikRelease(tag)
			require.Equal(t, test.version, version, test.reason)
			require.Equal(t, test.floating, floating, test.reason)
			require.Equal(t, test.known, known, test.reason)
		})
	}
}

func TestTraefikFor(t *testing.T) {
	cases := map[string]struct {
		reason     string
		export     compat.TraefikExport
		field      string
		attributes string
	}{
		"2.0.0":     {"the first", compat.Zipkin, "request_X-B3-Traceid", ""},
		"2.11.999":  {"the newest 2", compat.Zipkin, "request_X-B3-Traceid", ""},
		"3.0.0":     {"no trace ID in the access log", compat.OTLP, "", "globalAttributes"},
		"3.1.7":     {"the last without a trace ID", compat.OTLP, "", "globalAttributes"},
		"3.2.0":     {"a field of its own", compat.OTLP, "TraceId", "globalAttributes"},
		"3.3.0":     {"the field is missing", compat.OTLP, "", "resourceAttributes"},
		"3.3.2":     {"still missing", compat.OTLP, "", "resourceAttributes"},
		"3.3.3":     {"it is back", compat.OTLP, "TraceId", "resourceAttributes"},
		"3.6.10":    {"the last with the old name", compat.OTLP, "TraceId", "resourceAttributes"},
		"3.6.11":    {"OpenTelemetry's name", compat.OTLP, "trace_id", "resourceAttributes"},
		"3.999.999": {"newest", compat.OTLP, "trace_id", "resourceAttributes"},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			got, err := compat.TraefikFor(version)
			require.NoError(t, err)
			require.Equal(t, test.export, got.Export, test.reason)
			require.Equal(t, test.field, got.TraceIDField, test.reason)
			require.Equal(t, test.attributes, got.Attributes, test.reason)
			require.NotEmpty(t, got.Source)
		})
	}
	_, err := compat.TraefikFor("1.7.34")
	require.EqualError(t, err, "Traefik 1.7.34 is older than 2.0.0, the first one that is known here")
	_, err = compat.TraefikFor("latest")
	require.ErrorContains(t, err, `read Traefik version "latest"`)
}

func TestTraefikNextWithTraceID(t *testing.T) {
	for version, want := range map[string]string{
		"3.0.0": "3.2.0", "3.1.7": "3.2.0", "3.3.1": "3.3.3", "1.7.0": "2.0.0", "3.6.11": "", "latest": "",
	} {
		require.Equal(t, want, compat.TraefikNextWithTraceID(version), version)
	}
}

func TestValuesRefusedByLaterTraefikCharts(t *testing.T) {
	cases := map[string]struct {
		reason        string
		path          []string
		ignored, from string
		flags         bool
	}{
		"zipkin":             {"with everything below it; the first chart with a schema is 31.1.0", []string{"tracing", "zipkin", "localAgentHostPort"}, "28.0.0", "31.1.0", false},
		"globalAttributes":   {"Traefik still accepts the flag", []string{"tracing", "globalAttributes"}, "", "34.0.0", true},
		"logs":               {"the whole section", []string{"logs"}, "", "41.0.0", true},
		"the access log":     {"below logs", []string{"logs", "access", "enabled"}, "", "41.0.0", true},
		"otlp":               {"it is kept", []string{"tracing", "otlp"}, "", "", false},
		"tracing as a whole": {"the row is about a part of it", []string{"tracing"}, "", "", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			row, found := compat.TraefikRefusedLater(test.path)
			require.Equal(t, test.from != "", found, test.reason)
			require.Equal(t, test.ignored, row.Ignored, test.reason)
			require.Equal(t, test.from, row.From, test.reason)
			require.Equal(t, test.flags, row.Flags, test.reason)
		})
	}
}

func TestAccessLogOutputsOfTraefik(t *testing.T) {
	cases := map[string]struct {
		reason             string
		stdout, otlp, both bool
	}{
		"2.11.30": {"no OTLP at all", true, false, false},
		"3.2.5":   {"the last without a trace ID", true, false, false},
		"3.3.0":   {"pull request 11319", true, true, false},
		"3.6.13":  {"the last with only one output", true, true, false},
		"3.7.0":   {"dualOutput", true, true, true},
		"3.99.0":  {"newest", true, true, true},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			got, err := compat.TraefikFor(version)
			require.NoError(t, err)
			require.Equal(t, test.stdout, got.Writes(compat.TraefikLogsStdout), test.reason)
			require.Equal(t, test.otlp, got.Writes(compat.TraefikLogsOTLP), test.reason)
			require.Equal(t, test.both, got.Writes(compat.TraefikLogsBoth), test.reason)
		})
	}
	for chart, want := range map[string][2]bool{
		"34.2.0": {false, false}, "37.2.0": {false, false}, "37.3.0": {true, false}, "39.0.701+up39.0.7": {true, false}, "40.0.0": {true, true}, "41.3.0": {true, true},
	} {
		got, err := compat.Traefik(chart)
		require.NoError(t, err)
		require.Equal(t, want, [2]bool{got.OTLPLogs, got.DualOutput}, chart)
	}
	for output, want := range map[compat.TraefikLogs][2]string{
		compat.TraefikLogsStdout: {"2.0.0", "9.12.0"}, compat.TraefikLogsOTLP: {"3.3.0", "37.3.0"}, compat.TraefikLogsBoth: {"3.7.0", "40.0.0"},
	} {
		require.Equal(t, want[0], compat.TraefikFirstThatWrites(output))
		require.Equal(t, want[1], compat.TraefikChartFirstThatWrites(output), output)
	}
}
