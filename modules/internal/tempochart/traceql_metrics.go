// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// localBlocks is the processor that answers TraceQL metrics before Tempo 3.
const localBlocks = "local-blocks"

// needsBlocks reports whether TraceQL metrics are wanted and answered by a
// metrics generator alone, which the chart can set up.
func (c Config) needsBlocks(chart helm.Chart) bool {
	return c.TraceQLMetrics && compat.TempoHas(compat.Tempo, compat.LocalBlocks, c.runs(chart, generatorKey)) &&
		compat.TempoHas(chart.Name, compat.LocalBlocksPlace, chart.Version)
}

// wantedGenerator is the metrics generator of the options, with what TraceQL
// metrics need of it; nil for none.
func (c Composer) wantedGenerator() *MetricsGenerator {
	given := c.Config.MetricsGenerator
	switch {
	case !c.Config.needsBlocks(c.Chart):
		return given
	case given == nil:
		return &MetricsGenerator{Processors: []string{localBlocks}}
	case slices.Contains(given.Processors, localBlocks):
		return given
	}
	return &MetricsGenerator{RemoteWriteURL: given.RemoteWriteURL, Processors: append(slices.Clone(given.Processors), localBlocks)}
}

// localBlocks lets all spans count, not only those of servers: an application in
// a mesh or a batch job has no others.
func (c Composer) localBlocks(values map[string]any, wanted *MetricsGenerator, place ...string) {
	if slices.Contains(wanted.Processors, localBlocks) && c.has(compat.LocalBlocksSettings) {
		helm.Set(values, false, append(place, "local_blocks", "filter_server_spans")...)
	}
}

// generatorTarget refuses processors whose metrics would go nowhere.
func generatorTarget(config Config, _ helm.Chart, _ map[string]any) error {
	wanted := config.MetricsGenerator
	if wanted == nil || wanted.RemoteWriteURL != "" {
		return nil
	}
	for _, name := range wanted.Processors {
		if name != localBlocks {
			return fault.New(fault.Usage, "give metrics_generator.remote_write_url, or name "+localBlocks+" alone", "metrics_generator.remote_write_url is missing: what the processor %s derives would go nowhere", name)
		}
	}
	return nil
}
