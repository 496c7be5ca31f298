// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempochart knows the charts of Tempo: it makes the values of a chart
// from the options, refuses what a version cannot do, and tells which options and
// values have no effect in what the chart renders. It is pure.
package tempochart

// size is what the pods of a component ask for and may take.
type size struct{ cpu, memory, limit string }

// preset sizes all components for a kind of node. The sizes are for the load of
// a home cluster, some hundred spans a second; memory limits leave room for the
// flush of a block. No limit of the CPU is set, since it would slow down the
// start.
type preset struct {
	// components by their keys in the values of tempo-distributed.
	components map[string]size
	// single is the size of the one pod of the monolithic chart.
	single size
	// alone keeps each span on one ingester.
	alone bool
}

var presets = map[string]preset{
	"raspberrypi": {
		components: map[string]size{
			"backendScheduler": {"10m", "64Mi", "256Mi"},
			"backendWorker":    {"20m", "96Mi", "512Mi"},
			"blockBuilder":     {"50m", "128Mi", "768Mi"},
			"compactor":        {"20m", "96Mi", "512Mi"},
			"distributor":      {"50m", "96Mi", "384Mi"},
			"ingester":         {"50m", "192Mi", "1Gi"},
			"liveStore":        {"50m", "192Mi", "1Gi"},
			"memcached":        {"10m", "64Mi", "128Mi"},
			"metricsGenerator": {"20m", "96Mi", "384Mi"},
			"querier":          {"20m", "96Mi", "512Mi"},
			"queryFrontend":    {"20m", "64Mi", "256Mi"},
		},
		single: size{"100m", "256Mi", "1Gi"},
		alone:  true,
	},
	"small": {
		components: map[string]size{
			"backendScheduler": {"20m", "128Mi", "512Mi"},
			"backendWorker":    {"50m", "192Mi", "1Gi"},
			"blockBuilder":     {"100m", "256Mi", "1536Mi"},
			"compactor":        {"50m", "192Mi", "1Gi"},
			"distributor":      {"100m", "192Mi", "768Mi"},
			"ingester":         {"100m", "384Mi", "2Gi"},
			"liveStore":        {"100m", "384Mi", "2Gi"},
			"memcached":        {"20m", "128Mi", "256Mi"},
			"metricsGenerator": {"50m", "192Mi", "768Mi"},
			"querier":          {"50m", "192Mi", "1Gi"},
			"queryFrontend":    {"50m", "128Mi", "512Mi"},
		},
		single: size{"200m", "512Mi", "2Gi"},
	},
}

// values is the size in the form of Kubernetes.
func (s size) values() map[string]any {
	return map[string]any{
		"requests": map[string]any{"cpu": s.cpu, "memory": s.memory},
		"limits":   map[string]any{"memory": s.limit},
	}
}
