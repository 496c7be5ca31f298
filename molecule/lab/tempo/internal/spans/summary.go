// SPDX-License-Identifier: AGPL-3.0-or-later

package spans

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Summary is what a search returns about a trace.
type Summary struct {
	ID                ID
	Service, Name     string
	Start, End        time.Time
	hasRoot           bool
	earliest, longest pcommon.Timestamp
}

// rootMissing is Tempo's text for a trace that has no span without a parent.
const rootMissing = "<root span not yet received>"

// Summarize reads times and root of a trace.
func Summarize(id ID, traces ptrace.Traces) Summary {
	s := Summary{ID: id, Service: rootMissing}
	Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		if s.earliest == 0 || span.StartTimestamp() < s.earliest {
			s.earliest = span.StartTimestamp()
		}
		s.longest = max(s.longest, span.EndTimestamp())
		if span.ParentSpanID().IsEmpty() && !s.hasRoot {
			s.hasRoot, s.Name, s.Service = true, span.Name(), Service(resource)
		}
	})
	s.Start, s.End = s.earliest.AsTime(), s.longest.AsTime()
	return s
}

// Service is the name of the service that a resource belongs to, or "".
func Service(resource ptrace.ResourceSpans) string {
	name, ok := resource.Resource().Attributes().Get("service.name")
	if !ok {
		return ""
	}
	return name.AsString()
}
