// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// TraefikLogs is a place where Traefik writes its access log, as option
// access_log_output of traefik_tracing names it.
type TraefikLogs string

// The places.
const (
	// TraefikLogsStdout is the output of Traefik's container.
	TraefikLogsStdout TraefikLogs = "stdout"
	// TraefikLogsOTLP is a server that takes OTLP, and no other place.
	TraefikLogsOTLP TraefikLogs = "otlp"
	// TraefikLogsBoth is the output of the container and such a server.
	TraefikLogsBoth TraefikLogs = "both"
)

// Writes reports whether a Traefik can write its access log there.
func (v TraefikVersion) Writes(logs TraefikLogs) bool {
	switch logs {
	case TraefikLogsStdout:
		return true
	case TraefikLogsOTLP:
		return v.OTLPLogs
	case TraefikLogsBoth:
		return v.OTLPLogs && v.DualOutput
	}
	return true
}

// TraefikFirstThatWrites is the first Traefik whose access log goes there.
func TraefikFirstThatWrites(logs TraefikLogs) string {
	for _, row := range traefikVersions {
		if row.Writes(logs) {
			return row.From
		}
	}
	return ""
}

// TraefikChartFirstThatWrites is the first chart with values for that; on older
// ones it is set by flags.
func TraefikChartFirstThatWrites(logs TraefikLogs) string {
	for _, row := range traefikCharts {
		if logs == TraefikLogsStdout || row.OTLPLogs && (row.DualOutput || logs == TraefikLogsOTLP) {
			return row.From
		}
	}
	return ""
}

// LokiWithOTLP is the first Loki that takes logs by OTLP without an experimental
// switch (grafana/loki, docs/sources/send-data/otel, "Loki 3.0").
const LokiWithOTLP = "3.0.0"
