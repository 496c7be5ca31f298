// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// traceKeys are the places of the receivers' switches below "traces".
var traceKeys = map[tempo.Endpoint][]string{
	tempo.OTLPgRPC:            {"otlp", "grpc"},
	tempo.OTLPHTTP:            {"otlp", "http"},
	tempo.Zipkin:              {"zipkin"},
	tempo.JaegerGRPC:          {"jaeger", "grpc"},
	tempo.JaegerThriftBinary:  {"jaeger", "thriftBinary"},
	tempo.JaegerThriftCompact: {"jaeger", "thriftCompact"},
	tempo.JaegerThriftHTTP:    {"jaeger", "thriftHttp"},
	tempo.OpenCensus:          {"opencensus"},
}

// distributed makes the values of the chart tempo-distributed.
func (c composer) distributed() map[string]any {
	values := map[string]any{
		"traces":  c.traces(),
		"storage": map[string]any{"trace": map[string]any{"backend": "s3", "s3": c.s3()}},
		"tempo":   map[string]any{"podAnnotations": c.podAnnotations()},
	}
	for _, component := range compat.TempoComponents(c.chart.Version) {
		helm.Set(values, c.envFrom(), component, "extraEnvFrom")
	}
	if c.args.LogReceivedSpans {
		helm.Set(values, true, "distributor", "config", "log_received_spans", "enabled")
	}
	if c.has(compat.MinioSubchart) {
		helm.Set(values, false, "minio", "enabled")
	}
	if c.has(compat.SearchSwitch) {
		helm.Set(values, c.args.Search, "search", "enabled")
	}
	return values
}

// traces switches each receiver on or off, since a release keeps no memory of
// what was on before.
func (c composer) traces() map[string]any {
	traces := map[string]any{}
	for receiver, path := range traceKeys {
		if receiver == tempo.OpenCensus && !c.receives(receiver) {
			continue
		}
		helm.Set(traces, c.receives(receiver), append(path, "enabled")...)
	}
	return traces
}
