// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// traceKeys are the places of the receivers' switches below "traces".
func traceKeys() map[tempo.Endpoint][]string {
	return map[tempo.Endpoint][]string{
		tempo.OTLPgRPC:            {"otlp", "grpc"},
		tempo.OTLPHTTP:            {"otlp", "http"},
		tempo.Zipkin:              {"zipkin"},
		tempo.JaegerGRPC:          {"jaeger", "grpc"},
		tempo.JaegerThriftBinary:  {"jaeger", "thriftBinary"},
		tempo.JaegerThriftCompact: {"jaeger", "thriftCompact"},
		tempo.JaegerThriftHTTP:    {"jaeger", "thriftHttp"},
		tempo.OpenCensus:          {"opencensus"},
	}
}

// distributed makes the values of the chart tempo-distributed.
func (c Composer) distributed() map[string]any {
	values := map[string]any{
		"traces":  c.traces(),
		"storage": map[string]any{"trace": map[string]any{"backend": "s3", "s3": c.s3()}},
		"tempo":   map[string]any{"podAnnotations": c.podAnnotations()},
	}
	c.sizing(values)
	c.generator(values)
	c.kafka(values)
	c.volumes(values)
	c.switches(values)
	return values
}

// traces switches each receiver on or off, since a release keeps no memory of
// what was on before.
func (c Composer) traces() map[string]any {
	traces := map[string]any{}
	for receiver, path := range traceKeys() {
		if receiver == tempo.OpenCensus && !c.receives(receiver) {
			continue
		}
		helm.Set(traces, c.receives(receiver), append(path, "enabled")...)
	}
	return traces
}

// switches are the settings of one key each.
func (c Composer) switches(values map[string]any) {
	if c.Config.LogReceivedSpans {
		helm.Set(values, true, "distributor", "config", "log_received_spans", "enabled")
	}
	if c.has(compat.MinioSubchart) {
		helm.Set(values, false, "minio", "enabled")
	}
	if c.has(compat.SearchSwitch) {
		helm.Set(values, c.Config.Search, "search", "enabled")
	}
	if c.Config.ImageTag != "" {
		helm.Set(values, c.Config.ImageTag, "tempo", "image", "tag")
	}
	if c.Config.Retention == "" {
		return
	}
	if c.has(compat.Ingester) {
		helm.Set(values, c.Config.Retention, "compactor", "config", "compaction", "block_retention")
	}
	if c.has(compat.BackendScheduler) {
		helm.Set(values, c.Config.Retention, "backendScheduler", "config", "provider", "compaction", "compaction", "block_retention")
	}
}

// volumes keeps what is not in the object storage yet.
func (c Composer) volumes(values map[string]any) {
	wanted := c.Config.Persistence
	if wanted == nil {
		return
	}
	volume := map[string]any{"enabled": true, "size": wanted.Size}
	if wanted.StorageClass != "" {
		volume["storageClass"] = wanted.StorageClass
	}
	if c.has(compat.Ingester) {
		helm.Set(values, volume, "ingester", "persistence")
	}
	if c.Config.generatorVolume(c.Chart) {
		helm.Set(values, "StatefulSet", generatorKey, "kind")
		helm.Set(values, volume, generatorKey, "persistence")
	}
}

// generatorVolume reports whether the metrics generator runs and can have a
// volume.
func (c Config) generatorVolume(chart helm.Chart) bool {
	return c.MetricsGenerator != nil && compat.TempoHas(chart.Name, compat.GeneratorVolume, chart.Version)
}

// kafka switches the write path through a broker on.
func (c Composer) kafka(values map[string]any) {
	broker := c.Config.Kafka
	if broker == nil {
		return
	}
	helm.Set(values, map[string]any{
		"address": broker.Address, "topic": broker.Topic,
		"auto_create_topic_enabled": broker.AutoCreate, "auto_create_topic_default_partitions": broker.Partitions,
	}, "ingest", "kafka")
	for _, component := range []string{"blockBuilder", "liveStore"} {
		helm.Set(values, true, component, "enabled")
		helm.Set(values, broker.Partitions, component, "replicas")
	}
}
