// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// Proven is a version of a chart that the collection was tested with.
type Proven struct {
	// Version of the chart, and the version of Tempo that it installs.
	Version, Tempo string
	// First marks the one that a new release gets unless a version is given.
	First bool
}

// provenCharts are the newest of each major version of Tempo, the oldest first.
// From 3.0.0 on tempo-distributed needs a broker, which a new release does not have.
var provenCharts = map[string][]Proven{
	TempoMonolithic:  {{"0.16.6", "1.5.0", false}, {"2.2.4", "2.10.8", false}, {"3.0.0", "3.0.3", true}},
	TempoDistributed: {{"0.27.9", "1.5.0", false}, {"2.26.2", "2.10.7", true}, {"3.3.0", "3.0.3", false}},
}

// ProvenChart is the version of a chart that a new release gets, "" for a chart
// that the collection does not know.
func ProvenChart(chart string) string {
	for _, row := range provenCharts[chart] {
		if row.First {
			return row.Version
		}
	}
	return ""
}

// ProvenFor returns the version of a chart for a release whose Tempo has that
// version: the newest tested one of the same major version, as long as it reads
// the blocks of that Tempo and is not older. It is "" if there is none.
func ProvenFor(chart, tempo string) string {
	for _, row := range provenCharts[chart] {
		if Major(row.Tempo) == Major(tempo) && !newer(tempo, row.Tempo) && ReadsBlocksOf(row.Tempo, tempo) {
			return row.Version
		}
	}
	return ""
}

// ProvenWith returns the tested version of a chart that installs a Tempo of the same
// minor version, and whether there is one.
func ProvenWith(chart, tempo string) (row Proven, ok bool) {
	for _, row := range provenCharts[chart] {
		if minor(row.Tempo) == minor(tempo) {
			return row, true
		}
	}
	return Proven{}, false
}
