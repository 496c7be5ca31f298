// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"slices"

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
	c.mountCA(values, []string{"tempo"}, nil)
	c.monolithicPlace(values)
	c.monolithicSwitches(values)
	c.monolithicGenerator(values)
	return values
}

// listeners switches off by null what the chart has on by default: Helm then
// drops the key. The chart's templates look below "jaeger", and Tempo refuses a
// jaeger without a protocol, so that one of them stays on
// (charts/tempo/templates/_ports.tpl).
func (c composer) listeners() map[string]any {
	receivers := map[string]any{}
	wanted := c.receivers()
	if !slices.ContainsFunc(wanted, isJaeger) {
		wanted = append(slices.Clone(wanted), tempo.JaegerGRPC)
	}
	for receiver, listener := range listeners {
		if slices.Contains(wanted, receiver) {
			helm.Set(receivers, listener.address, append(listener.path, "endpoint")...)
			continue
		}
		if helm.Lookup(c.chart.Defaults, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			helm.Set(receivers, nil, listener.path...)
		}
	}
	if !slices.Contains(wanted, tempo.OTLPgRPC) && !slices.Contains(wanted, tempo.OTLPHTTP) {
		receivers["otlp"] = nil
	}
	return receivers
}

func isJaeger(receiver tempo.Endpoint) bool { return listeners[receiver].path[0] == "jaeger" }

func (c composer) monolithicPlace(values map[string]any) {
	if preset, is := presets[c.args.Resources]; is {
		helm.Set(values, preset.single.values(), "tempo", "resources")
	}
	if len(c.args.NodeSelector) > 0 {
		helm.Set(values, toAny(c.args.NodeSelector), "nodeSelector")
	}
	if len(c.args.Tolerations) > 0 {
		helm.Set(values, c.args.Tolerations, "tolerations")
	}
	if volume := c.args.Persistence; volume != nil {
		helm.Set(values, true, "persistence", "enabled")
		helm.Set(values, volume.Size, "persistence", "size")
		if volume.StorageClass != "" {
			helm.Set(values, volume.StorageClass, "persistence", "storageClassName")
		}
	}
}

func (c composer) monolithicSwitches(values map[string]any) {
	if c.has(compat.SearchSwitch) {
		helm.Set(values, c.args.Search, "tempo", "searchEnabled")
	}
	if c.args.Retention != "" {
		helm.Set(values, c.args.Retention, "tempo", "retention")
	}
	if c.args.ImageTag != "" {
		helm.Set(values, c.args.ImageTag, "tempo", "tag")
	}
}

// monolithicGenerator switches the metrics generator on. Charts with
// global_overrides name the processors in their own configuration.
func (c composer) monolithicGenerator(values map[string]any) {
	wanted := c.args.MetricsGenerator
	if wanted == nil {
		return
	}
	helm.Set(values, true, "tempo", "metricsGenerator", "enabled")
	helm.Set(values, wanted.RemoteWriteURL, "tempo", "metricsGenerator", "remoteWriteUrl")
	if !c.has(compat.GlobalOverrides) {
		helm.Set(values, texts(wanted.Processors), "tempo", "overrides", "defaults", "metrics_generator", "processors")
	}
}
