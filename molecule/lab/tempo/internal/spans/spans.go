// SPDX-License-Identifier: AGPL-3.0-or-later

// Package spans splits what receivers deliver into traces, merges the parts of a trace, and encodes traces as each
// version of Tempo does.
package spans

import (
	"encoding/hex"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ID is a trace ID.
type ID = pcommon.TraceID

// ParseID reads an ID of up to 32 hexadecimal digits, with Tempo's error for an invalid one (grafana/tempo, pkg/util).
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

// Short is an ID as search returns it: without leading zeros.
func Short(id ID) string { return strings.TrimLeft(id.String(), "0") }

// Each calls call for every span with its resource and scope.
func Each(traces ptrace.Traces, call func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)) {
	for _, resource := range traces.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				call(resource, scope, span)
			}
		}
	}
}

// place is where spans of one trace are collected.
type place struct {
	resource ptrace.ResourceSpans
	scopes   map[ptrace.ScopeSpans]ptrace.ScopeSpans
}

// Split splits traces: each part has the spans of one trace, below their own resources and scopes.
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

// Combine adds to a trace the spans of another part that it lacks.
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

// Encode writes traces as OTLP's protobuf, the format of Tempo's responses too.
func Encode(traces ptrace.Traces) ([]byte, error) {
	return new(ptrace.ProtoMarshaler).MarshalTraces(traces)
}

// Decode reads what Encode wrote.
func Decode(raw []byte) (ptrace.Traces, error) {
	return new(ptrace.ProtoUnmarshaler).UnmarshalTraces(raw)
}
