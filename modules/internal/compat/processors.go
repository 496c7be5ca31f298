// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"maps"
	"slices"
)

// processors are those of the metrics generator, by their names in the limits
// of a tenant. A Tempo without one logs that it does not know it and derives
// nothing for the tenant (grafana/tempo modules/generator/instance.go), or
// leaves it out in silence (v3.0.3).
var processors = map[string]struct {
	Span
	source string
}{
	"service-graphs":       {Span{From: "1.4.0"}, "grafana/tempo modules/generator/processor/servicegraphs/config.go from v1.4.0"},
	"span-metrics":         {Span{From: "1.4.0"}, "grafana/tempo modules/generator/processor/spanmetrics/config.go from v1.4.0"},
	"span-metrics-count":   {Span{From: "2.2.0"}, "grafana/tempo modules/generator/processor/spanmetrics/subprocessors.go from v2.2.0"},
	"span-metrics-latency": {Span{From: "2.2.0"}, "grafana/tempo modules/generator/processor/spanmetrics/subprocessors.go from v2.2.0"},
	"span-metrics-size":    {Span{From: "2.2.0"}, "grafana/tempo modules/generator/processor/spanmetrics/subprocessors.go from v2.2.0"},
	"local-blocks":         {Span{From: "2.2.0", Before: "3.0.0"}, "grafana/tempo modules/generator/processor/localblocks/config.go from v2.2.0; removed in 3.0.0 by pull request 6555"},
	"host-info":            {Span{From: "2.8.0"}, "grafana/tempo modules/generator/processor/hostinfo/processor.go from v2.8.0"},
}

// Processors are the names of all, sorted.
func Processors() []string { return slices.Sorted(maps.Keys(processors)) }

// ProcessorSpan returns the versions of Tempo that have the processor.
func ProcessorSpan(name string) Span { return processors[name].Span }
