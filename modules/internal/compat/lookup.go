// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// Features of Tempo's query frontend.
const (
	// TraceV2: traces are looked up under /api/v2/traces.
	TraceV2 Feature = "trace lookup v2"
	// SearchOptional: search is off unless search_enabled is set.
	SearchOptional Feature = "search optional"
	// SearchDelayed: search leaves out what came in the last half minute.
	SearchDelayed Feature = "search delayed"
	// MetricsStream: results of TraceQL metrics can be streamed, not only those
	// of searches.
	MetricsStream Feature = "metrics streamed"
)

// QueryFacts is what is known of looking for traces.
var QueryFacts = Facts{
	{Tempo, TraceV2, Span{From: "2.6.0"}, "grafana/tempo pkg/api/http.go: PathTracesV2 from v2.6.0"},
	{Tempo, SearchOptional, Span{Before: "2.0.0"}, "grafana/tempo cmd/tempo/app/modules.go@v1.5.0: the routes of search are there only with search_enabled"},
	{Tempo, SearchDelayed, Span{From: "3.0.0"}, "grafana/tempo modules/frontend/config.go@v3.0.3: query_end_cutoff is 30s"},
	{Tempo, MetricsStream, Span{From: "2.6.0"}, "grafana/tempo pull request 3859 (July 2024): range and instant queries over HTTP and streamed by gRPC"},
}
