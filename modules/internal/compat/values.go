// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import "slices"

// GoneValue is a key that was removed from the values of a chart. The charts have no
// schema, so setting it has no effect and causes no error.
type GoneValue struct {
	Chart string
	Path  []string
	Span
	// Instead is what to set now, or why there is nothing to set.
	Instead string
	// Source is where this was read.
	Source string
}

const moved = "charts/tempo/README.md, upgrading from before 3.0.0"

// goneValues are the removed keys that users may still set.
var goneValues = []GoneValue{
	{TempoMonolithic, []string{"tempo", "ingester"}, Span{From: "3.0.0"}, "tempo.liveStore has the settings of the live store, which is in the ingester's place", moved},
	{TempoMonolithic, []string{"tempo", "memBallastSizeMbs"}, Span{From: "3.0.0"}, "Tempo 3 has no ballast: leave it out", moved},
	{TempoMonolithic, []string{"tempo", "metricsGenerator", "traces_storage"}, Span{From: "3.0.0"}, "it belonged to local-blocks, which Tempo 3 needs no longer: leave it out", moved},
	{TempoMonolithic, []string{"tempo", "metricsGenerator", "processor", "local_blocks"}, Span{From: "3.0.0"}, "Tempo 3 answers TraceQL metrics without local-blocks: leave it out", moved},
	{TempoMonolithic, []string{"tempo", "searchEnabled"}, Span{From: "1.0.0"}, "Tempo 2 and newer always search: leave it out", "charts/tempo/values.yaml@1.0.0"},
	{TempoMonolithic, []string{"tempo", "global_overrides"}, Span{From: "1.19.0"}, "tempo.overrides", "charts/tempo/README.md, upgrading from before 1.19.0"},
	{TempoDistributed, []string{"global_overrides"}, Span{From: "1.33.0"}, "overrides", "charts/tempo-distributed/README.md, upgrading from before 1.33.0"},
	{TempoDistributed, []string{"ingester"}, Span{From: "3.0.0"}, "liveStore and blockBuilder are in its place", "charts/tempo-distributed/values.yaml@3.0.0"},
	{TempoDistributed, []string{"compactor"}, Span{From: "3.0.0"}, "backendScheduler and backendWorker are in its place", "charts/tempo-distributed/values.yaml@3.0.0"},
	{TempoDistributed, []string{"minio"}, Span{From: "3.0.0"}, "the chart no longer brings MinIO: leave it out", "charts/tempo-distributed/values.yaml@3.0.0"},
}

// GoneValues returns the keys that this version of a chart no longer has.
func GoneValues(chart, version string) (gone []GoneValue) {
	for _, row := range goneValues {
		if row.Chart == chart && row.Holds(version) {
			gone = append(gone, row)
		}
	}
	return slices.Clip(gone)
}

// StreamSwitch is the key in the values of a chart that enables streaming of search
// results over HTTP, as Grafana requests them.
type StreamSwitch struct {
	Chart string
	Span
	Path []string
	// Source is where this was read.
	Source string
}

// streamKeys are those of both charts.
var streamKeys = []StreamSwitch{
	{TempoDistributed, Span{From: "1.58.1"}, []string{"streamOverHTTPEnabled"}, "charts/tempo-distributed/values.yaml@1.58.1"},
	{TempoMonolithic, Span{From: "2.2.0"}, []string{"tempo", "streamOverHttpEnabled"}, "charts/tempo/values.yaml@2.2.0 (pull request 523)"},
}

// StreamKey returns the path of the value that enables streaming over HTTP in a
// version of a chart, nil if it has none.
func StreamKey(chart, version string) []string {
	for _, row := range streamKeys {
		if row.Chart == chart && row.Holds(version) {
			return slices.Clone(row.Path)
		}
	}
	return nil
}

// StreamKeys are those of both charts.
func StreamKeys() []StreamSwitch { return slices.Clone(streamKeys) }

// UnknownMajor is the first major version of both charts that has not been examined:
// each major version so far has moved or removed keys of the values.
const UnknownMajor = 4
