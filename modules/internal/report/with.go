// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/tempo"
)

// With returns the page with every text that a server may have written replaced by
// what replace makes of it.
func (p Page) With(replace func(string) string) Page {
	p.Headline, p.Hops = replace(p.Headline), slices.Clone(p.Hops)
	for i, hop := range p.Hops {
		p.Hops[i].Detail, p.Hops[i].Doubt = replace(hop.Detail), replace(hop.Doubt)
	}
	versions := make(map[string]any, len(p.Versions))
	for name, version := range p.Versions {
		if text, isText := version.(string); isText {
			version = replace(text)
		}
		versions[name] = version
	}
	p.Versions = versions
	if p.Trace != nil {
		p.Trace = renamed(*p.Trace, replace)
	}
	return p
}

// renamed are the spans with the texts that the page shows of them replaced.
func renamed(trace tempo.Trace, replace func(string) string) *tempo.Trace {
	trace.Spans = slices.Clone(trace.Spans)
	for i, span := range trace.Spans {
		trace.Spans[i].Service, trace.Spans[i].Name = replace(span.Service), replace(span.Name)
	}
	return &trace
}
