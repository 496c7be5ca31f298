// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// listeners are the receivers' places and addresses below tempo.receivers,
// which is the configuration of Tempo's receivers itself. The address is given
// in full, since from Tempo 2.7 on a receiver without one listens on localhost.
var listeners = map[tempo.Endpoint]struct {
	path    []string
	address string
}{
	tempo.OTLPgRPC:            {[]string{"otlp", "protocols", "grpc"}, "0.0.0.0:4317"},
	tempo.OTLPHTTP:            {[]string{"otlp", "protocols", "http"}, "0.0.0.0:4318"},
	tempo.Zipkin:              {[]string{"zipkin"}, "0.0.0.0:9411"},
	tempo.JaegerGRPC:          {[]string{"jaeger", "protocols", "grpc"}, "0.0.0.0:14250"},
	tempo.JaegerThriftBinary:  {[]string{"jaeger", "protocols", "thrift_binary"}, "0.0.0.0:6832"},
	tempo.JaegerThriftCompact: {[]string{"jaeger", "protocols", "thrift_compact"}, "0.0.0.0:6831"},
	tempo.JaegerThriftHTTP:    {[]string{"jaeger", "protocols", "thrift_http"}, "0.0.0.0:14268"},
	tempo.OpenCensus:          {[]string{"opencensus"}, "0.0.0.0:55678"},
}

// monolithic makes the values of the chart tempo.
func (c composer) monolithic() map[string]any {
	values := map[string]any{
		"tempo": map[string]any{
			"storage":      map[string]any{"trace": map[string]any{"backend": "s3", "s3": c.s3()}},
			"receivers":    c.listeners(),
			"extraEnvFrom": c.envFrom(),
		},
		"podAnnotations": c.podAnnotations(),
	}
	if c.has(compat.SearchSwitch) {
		helm.Set(values, c.args.Search, "tempo", "searchEnabled")
	}
	return values
}

// listeners switches off by null what the chart has on by default: Helm then
// drops the key. It must not drop "jaeger" or "otlp" themselves: the chart's
// templates look below them (charts/tempo templates/_ports.tpl).
func (c composer) listeners() map[string]any {
	receivers := map[string]any{}
	for receiver, listener := range listeners {
		if c.receives(receiver) {
			helm.Set(receivers, listener.address, append(listener.path, "endpoint")...)
			continue
		}
		if helm.Lookup(c.chart.Defaults, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			helm.Set(receivers, nil, listener.path...)
		}
	}
	return receivers
}
