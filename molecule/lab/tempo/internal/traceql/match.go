// SPDX-License-Identifier: AGPL-3.0-or-later

package traceql

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// subject is one span, its trace and its resource.
type subject struct {
	trace    spans.Summary
	resource ptrace.ResourceSpans
	span     ptrace.Span
}

type node interface{ holds(subject) bool }

type always struct{}

func (always) holds(subject) bool { return true }

type join struct {
	both        bool
	left, right node
}

func (j join) holds(s subject) bool {
	if j.both {
		return j.left.holds(s) && j.right.holds(s)
	}
	return j.left.holds(s) || j.right.holds(s)
}

type comparison struct {
	field, operator string
	value           any
	pattern         *regexp.Regexp
}

// holds compares; a missing value equals only nil.
func (c comparison) holds(s subject) bool {
	found, exists := Value(c.field, s.trace, s.resource, s.span)
	if c.value == word("nil") {
		return exists == (c.operator == "!=")
	}
	if !exists {
		return false
	}
	if c.pattern != nil {
		text, ok := found.(string)
		return ok && c.pattern.MatchString(text) == (c.operator == "=~")
	}
	order, ordered := compare(found, c.value)
	return ordered && holds(c.operator, order)
}

func holds(operator string, order int) bool {
	switch operator {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}

// compare orders values of one type; those of different types have no order and are not equal.
func compare(found, value any) (order int, ordered bool) {
	switch value := value.(type) {
	case string:
		text, ok := found.(string)
		return strings.Compare(text, value), ok
	case float64:
		number, ok := found.(float64)
		return cmp.Compare(number, value), ok
	case time.Duration:
		length, ok := found.(time.Duration)
		return cmp.Compare(length, value), ok
	case word:
		name, ok := found.(word)
		return strings.Compare(string(name), string(value)), ok
	case bool:
		truth, ok := found.(bool)
		if truth == value {
			return 0, ok
		}
		return 1, ok
	}
	return 0, false
}

// Value is a span's value of a field: a string, number, duration, boolean, or one of the words for status and kind.
func Value(field string, trace spans.Summary, resource ptrace.ResourceSpans, span ptrace.Span) (any, bool) {
	if name, ok := strings.CutPrefix(field, "resource."); ok {
		return attribute(resource.Resource().Attributes(), name)
	}
	if name, ok := strings.CutPrefix(field, "span."); ok {
		return attribute(span.Attributes(), name)
	}
	if name, ok := strings.CutPrefix(field, "."); ok {
		if value, ok := attribute(span.Attributes(), name); ok {
			return value, true
		}
		return attribute(resource.Resource().Attributes(), name)
	}
	return intrinsic(field, trace, span)
}

func intrinsic(field string, trace spans.Summary, span ptrace.Span) (any, bool) {
	switch strings.TrimPrefix(field, "span:") {
	case "name":
		return span.Name(), true
	case "duration":
		return span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime()), true
	case "status":
		return word(strings.ToLower(span.Status().Code().String())), true
	case "statusMessage":
		return span.Status().Message(), true
	case "kind":
		return word(strings.ToLower(span.Kind().String())), true
	case "id":
		return span.SpanID().String(), true
	case "trace:id":
		return trace.ID.String(), true
	case "rootName", "trace:rootName":
		return trace.Name, true
	case "rootServiceName", "trace:rootService":
		return trace.Service, true
	case "traceDuration", "trace:duration":
		return trace.End.Sub(trace.Start), true
	}
	return nil, false
}

func attribute(all pcommon.Map, name string) (any, bool) {
	value, ok := all.Get(name)
	if !ok {
		return nil, false
	}
	switch value.Type() {
	case pcommon.ValueTypeInt:
		return float64(value.Int()), true
	case pcommon.ValueTypeDouble:
		return value.Double(), true
	case pcommon.ValueTypeBool:
		return value.Bool(), true
	default:
		return value.AsString(), true
	}
}

// Named are the attributes of a span that the query names, each as OTLP's key and value.
func (q Query) Named(trace spans.Summary, resource ptrace.ResourceSpans, span ptrace.Span) []any {
	var all []any
	for _, field := range fieldsOf(q.filter) {
		key := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(field, "resource."), "span."), ".")
		value, exists := Value(field, trace, resource, span)
		if text, ok := value.(string); exists && ok && key != field {
			all = append(all, map[string]any{"key": key, "value": map[string]any{"stringValue": text}})
		}
	}
	return all
}

func fieldsOf(n node) []string {
	switch n := n.(type) {
	case join:
		return append(fieldsOf(n.left), fieldsOf(n.right)...)
	case comparison:
		return []string{n.field}
	}
	return nil
}

// Find calls call for each span of a trace that matches the query.
func (q Query) Find(trace spans.Summary, traces ptrace.Traces, call func(ptrace.ResourceSpans, ptrace.Span)) {
	spans.Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		if q.filter == nil || q.filter.holds(subject{trace, resource, span}) {
			call(resource, span)
		}
	})
}
