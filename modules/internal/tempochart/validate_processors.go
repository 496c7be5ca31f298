// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// processors refuses those that the chart would not pass on, and those that
// Tempo does not know.
func processors(config Config, chart helm.Chart, _ map[string]any) error {
	if config.MetricsGenerator == nil {
		return nil
	}
	if err := fixedProcessors(config, chart); err != nil {
		return err
	}
	version := config.runs(chart, generatorKey)
	for _, name := range config.MetricsGenerator.Processors {
		known := compat.ProcessorSpan(name)
		if compat.Major(version) < 0 || known.Holds(version) {
			continue
		}
		return fault.New(fault.Unsupported, "leave it out, or use a chart with "+spanText(known),
			"chart %s: metrics_generator.processors: Tempo %s has no processor %s; there is one in %s", chart.ID(), version, name, spanText(known))
	}
	return nil
}

// fixed are the processors of charts that name them on their own.
var fixed = []string{"service-graphs", "span-metrics"}

// fixedProcessors refuses a choice where the chart tempo leaves none.
func fixedProcessors(config Config, chart helm.Chart) error {
	chosen := slices.Compact(slices.Sorted(slices.Values(config.MetricsGenerator.Processors)))
	if chart.Name != compat.TempoMonolithic || !compat.TempoHas(chart.Name, compat.FixedProcessors, chart.Version) || slices.Equal(chosen, fixed) {
		return nil
	}
	return fault.New(fault.Unsupported, "use chart_version 1.19.0 or newer, or leave processors out",
		"chart %s: metrics_generator.processors has no effect: the chart always runs %s", chart.ID(), strings.Join(fixed, " and "))
}

// warnProcessors tells which processors of the configuration that values brought
// there the metrics generator does not know.
func (r Rendered) warnProcessors(p *plan.Plan) {
	version := r.options.runs(r.chart, generatorKey)
	for _, item := range r.processors() {
		name, _ := item.(string)
		if known := compat.ProcessorSpan(name); compat.Major(version) >= 0 && !known.Holds(version) {
			p.Warn("values name the processor %s, which Tempo %s does not have: the metrics generator derives nothing with it, and may derive nothing at all", name, version)
		}
	}
}

// spanText tells a range of versions of Tempo.
func spanText(span compat.Span) string {
	switch {
	case span.From == "":
		return fmt.Sprintf("Tempo before %s", span.Before)
	case span.Before == "":
		return fmt.Sprintf("Tempo %s and newer", span.From)
	}
	return fmt.Sprintf("Tempo %s and newer, but not %s", span.From, span.Before)
}
