// SPDX-License-Identifier: AGPL-3.0-or-later

// Package spans holds traces as the receivers hand them over: it takes them apart by trace, puts parts of a trace together, and
// writes them as the editions of Tempo answer.
package spans

import (
	"encoding/hex"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ID is that of a trace.
type ID = pcommon.TraceID

// ParseID reads an ID of up to 32 hexadecimal digits, in Tempo's words where it is none (grafana/tempo, pkg/util).
func ParseID(text string) (ID, error) {
	var id ID
	for i, letter := range text {
		if !strings.ContainsRune("0123456789abcdefABCDEF", letter) {
			return id, fmt.Errorf("trace IDs can only contain hex characters: invalid character '%c' at position %d", letter, i+1)
		}
	}
	if len(text) > 32 {
		return id, fmt.Errorf("trace IDs can't be larger than 128 bits")
	}
	_, err := hex.Decode(id[:], []byte(strings.Repeat("0", 32-len(text))+text))
	return id, err
}

// Short is an ID as search answers it: without zeros before it.
func Short(id ID) string { return strings.TrimLeft(id.String(), "0") }

// Each calls for every span with the resource and the scope that it is below.
func Each(traces ptrace.Traces, call func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)) {
	for _, resource := range traces.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				call(resource, scope, span)
			}
		}
	}
}

// place is where spans of one trace are gathered.
type place struct {
	resource ptrace.ResourceSpans
	scopes   map[ptrace.ScopeSpans]ptrace.ScopeSpans
}

// Split takes traces apart: each part has the spans of one trace, below their own resources and scopes.
func Split(traces ptrace.Traces) map[ID]ptrace.Traces {
	parts := map[ID]ptrace.Traces{}
	places := map[ID]map[ptrace.ResourceSpans]place{}
	Each(traces, func(resource ptrace.ResourceSpans, scope ptrace.ScopeSpans, span ptrace.Span) {
		id := span.TraceID()
		if _, known := parts[id]; !known {
			parts[id], places[id] = ptrace.NewTraces(), map[ptrace.ResourceSpans]place{}
		}
		span.CopyTo(scopeOf(places[id], parts[id], resource, scope).Spans().AppendEmpty())
	})
	return parts
}

func scopeOf(places map[ptrace.ResourceSpans]place, into ptrace.Traces, resource ptrace.ResourceSpans, scope ptrace.ScopeSpans) ptrace.ScopeSpans {
	at, known := places[resource]
	if !known {
		at = place{into.ResourceSpans().AppendEmpty(), map[ptrace.ScopeSpans]ptrace.ScopeSpans{}}
		resource.Resource().CopyTo(at.resource.Resource())
		at.resource.SetSchemaUrl(resource.SchemaUrl())
		places[resource] = at
	}
	to, known := at.scopes[scope]
	if !known {
		to = at.resource.ScopeSpans().AppendEmpty()
		scope.Scope().CopyTo(to.Scope())
		to.SetSchemaUrl(scope.SchemaUrl())
		at.scopes[scope] = to
	}
	return to
}

// Combine adds to a trace the spans of another part of it that it does not have.
func Combine(into, more ptrace.Traces) {
	seen := map[string]bool{}
	key := func(span ptrace.Span) string { return span.SpanID().String() + span.Kind().String() }
	Each(into, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) { seen[key(span)] = true })
	fresh := ptrace.NewTraces()
	more.CopyTo(fresh)
	fresh.ResourceSpans().RemoveIf(func(resource ptrace.ResourceSpans) bool {
		resource.ScopeSpans().RemoveIf(func(scope ptrace.ScopeSpans) bool {
			scope.Spans().RemoveIf(func(span ptrace.Span) bool { return seen[key(span)] })
			return scope.Spans().Len() == 0
		})
		return resource.ScopeSpans().Len() == 0
	})
	fresh.ResourceSpans().MoveAndAppendTo(into.ResourceSpans())
}

// Encode writes traces as OTLP's protobuf, which is that of Tempo's answers too.
func Encode(traces ptrace.Traces) ([]byte, error) {
	return new(ptrace.ProtoMarshaler).MarshalTraces(traces)
}

// Decode reads what Encode wrote.
func Decode(raw []byte) (ptrace.Traces, error) {
	return new(ptrace.ProtoUnmarshaler).UnmarshalTraces(raw)
}
