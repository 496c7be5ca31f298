// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
)

// Components whose own version matters, by their keys in the values.
const (
	distributorKey = "distributor"
	generatorKey   = "metricsGenerator"
)

// tempoVersion is the version of the program that the options lead to: the tag
// of the image where there is one, else the chart's own. Before the chart is
// read it is "" without a tag.
func (c Config) tempoVersion(chart helm.Chart) string {
	path := []string{"tempo", "image", "tag"}
	if chart.Name == compat.TempoMonolithic {
		path = []string{"tempo", "tag"}
	}
	return cmp.Or(tag(c.Values, path...), tagVersion(c.ImageTag), chart.AppVersion)
}

// Version is the version of Tempo that the options lead to with a chart that has
// been read.
func Version(config Config, chart helm.Chart) string { return config.tempoVersion(chart) }

// runs is the version that one component runs: the charts look for a tag of its
// own first (charts/tempo-distributed/templates/_helpers.tpl@0.27.9..3.3.0,
// tempo.imageReference).
func (c Config) runs(chart helm.Chart, component string) string {
	if chart.Name == compat.TempoMonolithic {
		return c.tempoVersion(chart)
	}
	return cmp.Or(tag(c.Values, component, "image", "tag"), c.tempoVersion(chart))
}

// program is a version of Tempo with the component that runs it, "" for all that
// have no version of their own.
type program struct{ component, version string }

// programs are the versions that run beside each other.
func (c Config) programs(chart helm.Chart) []program {
	all := []program{{"", c.tempoVersion(chart)}}
	if chart.Name == compat.TempoMonolithic {
		return all
	}
	for _, component := range compat.TempoComponents(chart.Version) {
		if version := tag(c.Values, component, "image", "tag"); version != "" {
			all = append(all, program{component, version})
		}
	}
	return all
}

// String is how messages name it: Tempo 2.10.8 (querier).
func (p program) String() string {
	if p.component == "" {
		return "Tempo " + p.version
	}
	return fmt.Sprintf("Tempo %s (%s)", p.version, p.component)
}

// tag reads the version in a tag that is in values. A number, as YAML makes of an
// unquoted 2.10, is none.
func tag(values map[string]any, path ...string) string {
	text, _ := helm.Lookup(values, path...).(string)
	return tagVersion(text)
}

// tagVersion drops a digest and a leading v.
func tagVersion(tag string) string {
	tag, _, _ = strings.Cut(tag, "@")
	return strings.TrimPrefix(tag, "v")
}
