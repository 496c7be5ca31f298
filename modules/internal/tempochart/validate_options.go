// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// onlyMicroservices refuses options that the monolithic chart has nothing for.
func onlyMicroservices(config Config, chart helm.Chart, _ map[string]any) error {
	given := map[string]bool{
		"log_received_spans": config.LogReceivedSpans,
		"replicas":           len(config.Replicas) > 0,
		"replication_factor": config.ReplicationFactor != 0,
		"kafka":              config.Kafka != nil,
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] {
			return fault.New(fault.Unsupported, "leave it out, or set mode: microservices", "chart %s: %s has no effect with all of Tempo in one pod", chart.ID(), name)
		}
	}
	return nil
}

// onlyThisVersion refuses components that this version of tempo-distributed does
// not have.
func onlyThisVersion(config Config, chart helm.Chart, _ map[string]any) error {
	has := compat.TempoComponents(chart.Version)
	for _, name := range slices.Sorted(maps.Keys(config.Replicas)) {
		if !slices.Contains(has, components()[name]) {
			return fault.New(fault.Unsupported, "leave it out", "chart %s has no component for replicas.%s", chart.ID(), name)
		}
	}
	if config.ReplicationFactor != 0 && !compat.TempoHas(chart.Name, compat.Ingester, chart.Version) {
		return fault.New(fault.Unsupported, "leave it out: Kafka keeps the copies", "chart %s: replication_factor has no effect without ingesters", chart.ID())
	}
	return nil
}

// s3Keys refuses settings of the object storage that a Tempo of these does not
// start with.
func s3Keys(config Config, chart helm.Chart, _ map[string]any) error {
	if config.S3.Prefix == "" {
		return nil
	}
	for _, program := range config.programs(chart) {
		if compat.Major(program.version) >= 0 && !compat.TempoHas(compat.Tempo, compat.Prefix, program.version) {
			return fault.New(fault.Unsupported, "leave it out, or use a chart with Tempo 2.2 or newer", "chart %s: %s knows no s3.prefix and does not start with one", chart.ID(), program)
		}
	}
	return nil
}

// streaming refuses it where the chart has no switch.
func streaming(config Config, chart helm.Chart, _ map[string]any) error {
	if !config.Streaming || compat.StreamKey(chart.Name, chart.Version) != nil {
		return nil
	}
	return fault.New(fault.Unsupported, "use chart_version 1.58.1 of tempo-distributed or 2.2.0 of tempo, or newer, or leave streaming out",
		"chart %s: streaming has no effect: the chart has no switch for it", chart.ID())
}

// retention refuses it where the chart takes it for something else.
func retention(config Config, chart helm.Chart, _ map[string]any) error {
	if config.Retention == "" || compat.TempoHas(chart.Name, compat.Retention, chart.Version) {
		return nil
	}
	return fault.New(fault.Unsupported, "use chart_version 0.16.6, which has the same Tempo 1.5, or newer",
		"chart %s: retention has no effect: the chart takes it for how long blocks that were compacted already are kept", chart.ID())
}

// volumes refuses persistence where the chart has no volume to give.
func volumes(config Config, chart helm.Chart, _ map[string]any) error {
	if config.Persistence == nil || chart.Name == compat.TempoMonolithic || compat.TempoHas(chart.Name, compat.Ingester, chart.Version) || config.generatorVolume(chart) {
		return nil
	}
	return fault.New(fault.Unsupported, "leave it out; tempo-distributed up to 2.26.2 has volumes for its ingesters, and chart tempo (mode: monolithic) one for all of Tempo",
		"chart %s: persistence has no effect: the chart has volumes for the metrics generator only, and spans that are not stored yet are kept by Kafka", chart.ID())
}

// disabledComponents refuses replicas of components that the values leave switched off.
// Whether the compactor or the backend scheduler runs is for the chart's own
// values to say, and is known when it is read.
func disabledComponents(config Config, chart helm.Chart, values map[string]any) error {
	all := helm.Merge(chart.Defaults, values)
	unread := config.TraceQLMetrics && chart.AppVersion == "" // it tells whether there has to be one
	generates := config.MetricsGenerator != nil || config.ServiceGraph || unread || config.needsBlocks(chart) || helm.Lookup(all, generatorKey, "enabled") == true
	schedules := helm.Lookup(all, "backendScheduler", "enabled") == true
	off := map[string]string{}
	if !generates {
		off["metrics_generator"] = "set metrics_generator too, or leave it out"
	}
	if chart.Defaults != nil && !schedules {
		off["backend_worker"] = "set backendScheduler.enabled: true in values, which puts it in the place of the compactor, or leave it out"
	}
	if schedules {
		off["compactor"] = "set replicas.backend_worker: the backend scheduler and its workers are in the place of the compactor"
	}
	for _, name := range slices.Sorted(maps.Keys(config.Replicas)) {
		if hint, ok := off[name]; ok {
			return fault.New(fault.Unsupported, hint, "chart %s: replicas.%s has no effect: this component is switched off", chart.ID(), name)
		}
	}
	return nil
}
