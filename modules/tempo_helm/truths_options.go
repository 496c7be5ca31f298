// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// onlyMicroservices refuses options that the monolithic chart has nothing for.
func onlyMicroservices(args Args, chart helm.Chart, _ map[string]any) error {
	given := map[string]bool{
		"log_received_spans": args.LogReceivedSpans,
		"replicas":           len(args.Replicas) > 0,
		"replication_factor": args.ReplicationFactor != 0,
		"kafka":              args.Kafka != nil,
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
func onlyThisVersion(args Args, chart helm.Chart, _ map[string]any) error {
	has := compat.TempoComponents(chart.Version)
	for _, name := range slices.Sorted(maps.Keys(args.Replicas)) {
		if !slices.Contains(has, components[name]) {
			return fault.New(fault.Unsupported, "leave it out", "chart %s has no component for replicas.%s", chart.ID(), name)
		}
	}
	if args.ReplicationFactor != 0 && !compat.TempoHas(chart.Name, compat.Ingester, chart.Version) {
		return fault.New(fault.Unsupported, "leave it out: Kafka keeps the copies", "chart %s: replication_factor has no effect without ingesters", chart.ID())
	}
	return nil
}

// s3Keys refuses settings of the object storage that this Tempo does not start
// with.
func s3Keys(args Args, chart helm.Chart, _ map[string]any) error {
	version := args.tempoVersion(chart)
	if version == "" || args.S3.Prefix == "" || compat.TempoHas(compat.Tempo, compat.Prefix, version) {
		return nil
	}
	return fault.New(fault.Unsupported, "leave it out, or take a chart with Tempo 2.2 or newer", "chart %s: Tempo %s knows no s3.prefix and does not start with one", chart.ID(), version)
}
