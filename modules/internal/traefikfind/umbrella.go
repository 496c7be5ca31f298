// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"cmp"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/helm"
)

// Umbrella is a chart that brings Traefik's as a subchart: what it passes on stands under a
// key of its own values. The zero Umbrella is none.
type Umbrella struct {
	// Chart is its name and version, Key "" where it does not name Traefik's chart itself.
	Chart, Key string
}

// UmbrellaOf is the chart of a release whose workload another chart has made: the label
// helm.sh/chart has that one's name, or the alias under which the umbrella has it.
func UmbrellaOf(release helm.Release, w Workload) (Umbrella, bool) {
	chart, name := release.Chart, w.chartName()
	key := chart.Keys["traefik"]
	if slices.Contains(chart.Subcharts, name) {
		key = name
	}
	other := chart.Name != "" && chart.Name != traefik && name != "" && name != chart.Name
	return Umbrella{chart.ID(), key}, other || key != ""
}

// Strange reports whether a release is of a chart that runs Traefik for purposes of its
// own: neither Traefik's, nor a fork of it, nor an umbrella of it.
func Strange(release helm.Release, w Workload) bool {
	_, brings := UmbrellaOf(release, w)
	return !brings && release.Chart.Name != "" && !strings.Contains(release.Chart.Name, traefik)
}

// Passed are the values that Traefik's chart gets of those of the umbrella.
func (u Umbrella) Passed(values map[string]any) map[string]any {
	if own, ok := values[u.Key].(map[string]any); ok {
		return own
	}
	return map[string]any{}
}

// Paste puts values of Traefik's chart, as YAML, where the umbrella passes them on.
func (u Umbrella) Paste(text string) string {
	var all strings.Builder
	all.WriteString(cmp.Or(u.Key, "# the key of its subchart") + ":\n")
	for line := range strings.Lines(text) {
		all.WriteString("  " + line)
	}
	return all.String()
}
