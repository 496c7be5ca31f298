// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import "slices"

// effect is how an option shows in what a chart renders. Charts have no schema:
// what they do not know has no effect and gives no error, and what the user's values
// set wins.
type effect struct {
	option string
	// given reports whether the task asks for it.
	given func(Config) bool
	// places are where its values are, as dotted paths; a * is one component, a
	// path stands for all below it.
	places []string
	// settings are where it shows in Tempo's configuration, in the same form; nil
	// for what shows elsewhere.
	settings []string
	// others are further values that can take its place.
	others []string
	// seen reports whether it shows.
	seen func(Rendered, Config) bool
}

var effects = []effect{
	{option: "storage: local", given: Config.Local, seen: storedHere, settings: []string{"storage.trace"},
		places: []string{"tempo.storage.trace"}},
	{option: "s3", given: func(c Config) bool { return !c.Local() }, seen: stored, settings: []string{"storage.trace"},
		places: []string{"storage.trace", "tempo.storage.trace", "*.extraEnvFrom", "*.extraVolumes", "*.extraVolumeMounts", "extraVolumes", "minio.enabled"}},
	{option: "receivers", given: func(c Config) bool { return c.Receivers != nil }, seen: received, settings: []string{"distributor.receivers"},
		places: []string{"traces", "tempo.receivers"}},
	{option: "retention", given: func(c Config) bool { return c.Retention != "" }, seen: retained,
		settings: retentionSettings,
		places: []string{"compactor.config.compaction.block_retention", "backendScheduler.config.provider.compaction.compaction.block_retention",
			"backendWorker.config.compaction.block_retention", "tempo.retention",
			"tempo.backendScheduler.provider.compaction.compaction.block_retention", "tempo.backendWorker.compaction.block_retention"}},
	{option: "log_received_spans", given: func(c Config) bool { return c.LogReceivedSpans }, seen: logged, settings: []string{"distributor.log_received_spans"},
		places: []string{"distributor.config.log_received_spans"}},
	{option: "search: false", given: func(c Config) bool { return !c.Search }, seen: switchedOff, settings: []string{"search_enabled"},
		places: []string{"search.enabled", "tempo.searchEnabled"}},
	{option: "streaming", given: func(c Config) bool { return c.Streaming }, seen: streamed, settings: []string{"stream_over_http_enabled"},
		places: []string{"streamOverHTTPEnabled", "tempo.streamOverHttpEnabled"}},
	{option: "usage_report", given: func(c Config) bool { return c.UsageReport != nil }, seen: reporting, settings: []string{"usage_report"},
		places: []string{"reportingEnabled", "tempo.reportingEnabled", "tempo.structuredConfig.usage_report"}},
	{option: "metrics_generator", given: func(c Config) bool { return c.MetricsGenerator != nil }, seen: generated,
		settings: []string{"metrics_generator.storage.remote_write", "overrides"},
		places: []string{"metricsGenerator.enabled", "metricsGenerator.config.storage.remote_write", "tempo.metricsGenerator",
			"overrides", "global_overrides", "tempo.overrides", "tempo.structuredConfig.overrides"}},
	{option: "kafka", given: func(c Config) bool { return c.Kafka != nil }, seen: brokered, settings: []string{"ingest.kafka"},
		places: []string{"ingest.kafka", "blockBuilder.enabled", "blockBuilder.replicas", "liveStore.enabled", "liveStore.replicas"}},
	{option: "replication_factor", given: func(c Config) bool { return c.ReplicationFactor != 0 }, seen: replicated, settings: []string{"ingester.lifecycler.ring.replication_factor"},
		places: []string{"ingester.config.replication_factor"}},
	{option: "persistence", given: func(c Config) bool { return c.Persistence != nil }, seen: persisted,
		places: []string{"*.persistence", "persistence", "metricsGenerator.kind"}},
	{option: "image_tag", given: func(c Config) bool { return c.ImageTag != "" }, seen: tagged,
		places: []string{"tempo.image.tag", "tempo.tag"}, others: []string{"*.image.tag"}},
	{option: "replicas", given: func(c Config) bool { return len(c.Replicas) > 0 }, seen: counted,
		places: []string{"*.replicas"}, others: []string{"*.autoscaling", "*.zoneAwareReplication"}},
	{option: "node_selector", given: func(c Config) bool { return len(c.NodeSelector) > 0 }, seen: selected,
		places: []string{"*.nodeSelector", "nodeSelector"}},
	{option: "tolerations", given: func(c Config) bool { return len(c.Tolerations) > 0 }, seen: tolerated,
		places: []string{"*.tolerations", "tolerations"}},
	{option: "resources", given: func(c Config) bool { _, ok := presets()[c.Resources]; return ok }, seen: sized,
		places: []string{"*.resources"}},
}

// beside are the paths in values, other than its own places, that can take the
// option's: a configuration of the user's, or what tempo-distributed merges over
// its own by tempo.structuredConfig.
func (e effect) beside(values map[string]any) (paths []string) {
	places := slices.Clone(e.others)
	for _, setting := range e.settings {
		places = append(places, "config", "tempo.structuredConfig."+setting)
	}
	for _, path := range leaves("", values) {
		if covers(places, path) {
			paths = append(paths, path)
		}
	}
	return paths
}
