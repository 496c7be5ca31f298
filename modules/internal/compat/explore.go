// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// ExploreByTraceQL means that Explore takes a trace ID as a query of type traceql;
// before, the type for an ID was traceId.
const ExploreByTraceQL Feature = "exploreByTraceQL"

// ExploreFacts is what is known of Grafana's Explore.
var ExploreFacts = Facts{
	{Grafana, ExploreByTraceQL, Span{From: "10.0.0"}, "grafana/grafana public/app/plugins/datasource/tempo/datasource.ts: a query of hexadecimal digits alone is an ID"},
}

// GrafanaExplores reports whether Explore takes a trace ID as TraceQL.
func GrafanaExplores(version string) bool {
	return ExploreFacts.Has(Grafana, ExploreByTraceQL, version)
}
