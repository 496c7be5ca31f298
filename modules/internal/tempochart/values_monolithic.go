// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// listeners are the receivers' places and addresses below tempo.receivers,
// which is the configuration of Tempo's receivers itself. The address is given
// in full, since from Tempo 2.7 on a receiver without one listens on localhost.
func listeners() map[tempo.Endpoint]listener {
	return map[tempo.Endpoint]listener{
		tempo.OTLPgRPC:            {[]string{"otlp", "protocols", "grpc"}, "0.0.0.0:4317"},
		tempo.OTLPHTTP:            {[]string{"otlp", "protocols", "http"}, "0.0.0.0:4318"},
		tempo.Zipkin:              {[]string{"zipkin"}, "0.0.0.0:9411"},
		tempo.JaegerGRPC:          {[]string{"jaeger", "protocols", "grpc"}, "0.0.0.0:14250"},
		tempo.JaegerThriftBinary:  {[]string{"jaeger", "protocols", "thrift_binary"}, "0.0.0.0:6832"},
		tempo.JaegerThriftCompact: {[]string{"jaeger", "protocols", "thrift_compact"}, "0.0.0.0:6831"},
		tempo.JaegerThriftHTTP:    {[]string{"jaeger", "protocols", "thrift_http"}, "0.0.0.0:14268"},
		tempo.OpenCensus:          {[]string{"opencensus"}, "0.0.0.0:55678"},
	}
}

type listener struct {
	path    []string
	address string
}

// monolithic makes the values of the chart tempo.
func (c Composer) monolithic() map[string]any {
	values := map[string]any{"tempo": map[string]any{"storage": map[string]any{"trace": c.storage()}, "receivers": c.listeners()}}
	if !c.Config.Local() {
		helm.Set(values, c.envFrom(), "tempo", "extraEnvFrom")
		helm.Set(values, c.podAnnotations(), "podAnnotations")
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
func (c Composer) listeners() map[string]any {
	receivers := map[string]any{}
	wanted := c.receivers()
	if !slices.ContainsFunc(wanted, isJaeger) {
		wanted = append(slices.Clone(wanted), tempo.JaegerGRPC)
	}
	for receiver, listener := range listeners() {
		if slices.Contains(wanted, receiver) {
			helm.Set(receivers, listener.address, append(listener.path, "endpoint")...)
			continue
		}
		if helm.Lookup(c.Chart.Defaults, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			helm.Set(receivers, nil, listener.path...)
		}
	}
	if !slices.Contains(wanted, tempo.OTLPgRPC) && !slices.Contains(wanted, tempo.OTLPHTTP) {
		receivers["otlp"] = nil
	}
	return receivers
}

func isJaeger(receiver tempo.Endpoint) bool { return listeners()[receiver].path[0] == "jaeger" }

func (c Composer) monolithicPlace(values map[string]any) {
	if preset, ok := presets()[c.Config.Resources]; ok {
		helm.Set(values, preset.single.values(), "tempo", "resources")
	}
	if len(c.Config.NodeSelector) > 0 {
		helm.Set(values, toAny(c.Config.NodeSelector), "nodeSelector")
	}
	if len(c.Config.Tolerations) > 0 {
		helm.Set(values, c.Config.Tolerations, "tolerations")
	}
	if volume := c.Config.Persistence; volume != nil {
		helm.Set(values, true, "persistence", "enabled")
		helm.Set(values, volume.Size, "persistence", "size")
		if volume.StorageClass != "" {
			helm.Set(values, volume.StorageClass, "persistence", "storageClassName")
		}
	}
}

func (c Composer) monolithicSwitches(values map[string]any) {
	if c.has(compat.SearchSwitch) {
		helm.Set(values, c.Config.Search, "tempo", "searchEnabled")
	}
	if c.Config.Retention != "" {
		helm.Set(values, c.Config.Retention, "tempo", "retention")
	}
	if c.Config.Retention != "" && c.has(compat.WorkerIgnoresRetention) {
		helm.Set(values, c.Config.Retention, "tempo", "backendWorker", "compaction", "block_retention")
	}
	if c.Config.ImageTag != "" {
		helm.Set(values, c.Config.ImageTag, "tempo", "tag")
	}
}

// RetentionIn is how long traces are kept by the values of a release, "" where they
// do not say.
func RetentionIn(values map[string]any) string {
	for _, place := range [][]string{
		{"tempo", "retention"}, {"compactor", "config", "compaction", "block_retention"},
		{"backendScheduler", "config", "provider", "compaction", "compaction", "block_retention"},
	} {
		if found, ok := helm.Lookup(values, place...).(string); ok {
			return found
		}
	}
	return ""
}

// monolithicGenerator switches the metrics generator on. Charts with
// global_overrides name the processors in their own configuration.
func (c Composer) monolithicGenerator(values map[string]any) {
	wanted := c.wantedGenerator()
	if wanted == nil {
		return
	}
	helm.Set(values, true, "tempo", "metricsGenerator", "enabled")
	if wanted.RemoteWriteURL != "" { // the chart's own address gets nothing, as local-blocks sends nothing
		helm.Set(values, wanted.RemoteWriteURL, "tempo", "metricsGenerator", "remoteWriteUrl")
	}
	if wanted.RemoteWriteURL != "" && c.Config.ServiceGraph && c.has(compat.LocalBlocksSettings) { // those charts take its settings
		helm.Set(values, c.remoteWrite(wanted), "tempo", "metricsGenerator", "storage", "remote_write")
	}
	c.localBlocks(values, wanted, "tempo", "metricsGenerator", "processor")
	if !c.has(compat.GlobalOverrides) {
		helm.Set(values, texts(wanted.Processors), "tempo", "overrides", "defaults", "metrics_generator", "processors")
	}
}

// Listening are the receivers that listen, or nil where the Services tell.
func Listening(chart helm.Chart, values map[string]any) []tempo.Endpoint {
	if chart.Name != compat.TempoMonolithic {
		return nil
	}
	found := []tempo.Endpoint{}
	for receiver, listener := range listeners() {
		if helm.Lookup(values, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			found = append(found, receiver)
		}
	}
	slices.Sort(found)
	return found
}
