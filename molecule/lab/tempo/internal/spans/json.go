// SPDX-License-Identifier: AGPL-3.0-or-later

package spans

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The OTLP messages in Tempo's JSON: IDs in base64, large numbers as strings, and defaults left out
// (grafana/tempo, docs, API: Query).
type (
	batch struct {
		Resource  resource    `json:"resource"`
		Libraries []scopeForm `json:"instrumentationLibrarySpans,omitempty"`
		Scopes    []scopeForm `json:"scopeSpans,omitempty"`
	}
	resource struct {
		Attributes []attribute `json:"attributes,omitempty"`
	}
	scopeForm struct {
		Library *scopeName `json:"instrumentationLibrary,omitempty"`
		Scope   *scopeName `json:"scope,omitempty"`
		Spans   []spanForm `json:"spans,omitempty"`
	}
	scopeName struct {
		Name    string `json:"name,omitempty"`
		Version string `json:"version,omitempty"`
	}
	spanForm struct {
		TraceID    []byte      `json:"traceId"`
		SpanID     []byte      `json:"spanId"`
		State      string      `json:"traceState,omitempty"`
		Parent     []byte      `json:"parentSpanId,omitempty"`
		Flags      uint32      `json:"flags,omitempty"`
		Name       string      `json:"name,omitempty"`
		Kind       string      `json:"kind,omitempty"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes,omitempty"`
		Events     []eventForm `json:"events,omitempty"`
		Links      []linkForm  `json:"links,omitempty"`
		Status     statusForm  `json:"status"`
	}
	eventForm struct {
		Time       string      `json:"timeUnixNano"`
		Name       string      `json:"name,omitempty"`
		Attributes []attribute `json:"attributes,omitempty"`
	}
	linkForm struct {
		TraceID    []byte      `json:"traceId"`
		SpanID     []byte      `json:"spanId"`
		Attributes []attribute `json:"attributes,omitempty"`
	}
	statusForm struct {
		Message string `json:"message,omitempty"`
		Code    string `json:"code,omitempty"`
	}
	attribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

// JSON is a trace's list of resources. With libraries, scopes have the names that they had up to Tempo 1.5.
func JSON(traces ptrace.Traces, libraries bool) any {
	batches := []batch{}
	for _, from := range traces.ResourceSpans().All() {
		to := batch{Resource: resource{attributes(from.Resource().Attributes())}}
		for _, scope := range from.ScopeSpans().All() {
			name := &scopeName{scope.Scope().Name(), scope.Scope().Version()}
			if libraries {
				to.Libraries = append(to.Libraries, scopeForm{Library: name, Spans: spanForms(scope.Spans())})
			} else {
				to.Scopes = append(to.Scopes, scopeForm{Scope: name, Spans: spanForms(scope.Spans())})
			}
		}
		batches = append(batches, to)
	}
	return batches
}

func spanForms(from ptrace.SpanSlice) []spanForm {
	var all []spanForm
	for _, span := range from.All() {
		trace, id := span.TraceID(), span.SpanID()
		form := spanForm{
			TraceID: trace[:], SpanID: id[:], State: span.TraceState().AsRaw(), Flags: span.Flags(), Name: span.Name(), Kind: kinds[span.Kind()],
			Start: nanos(span.StartTimestamp()), End: nanos(span.EndTimestamp()), Attributes: attributes(span.Attributes()),
			Status: statusForm{span.Status().Message(), codes[span.Status().Code()]},
		}
		if parent := span.ParentSpanID(); !parent.IsEmpty() {
			form.Parent = parent[:]
		}
		for _, event := range span.Events().All() {
			form.Events = append(form.Events, eventForm{nanos(event.Timestamp()), event.Name(), attributes(event.Attributes())})
		}
		for _, link := range span.Links().All() {
			trace, id := link.TraceID(), link.SpanID()
			form.Links = append(form.Links, linkForm{trace[:], id[:], attributes(link.Attributes())})
		}
		all = append(all, form)
	}
	return all
}

// kinds and codes are OTLP's names (opentelemetry-proto, trace/v1/trace.proto); those of zero are left out.
var (
	kinds = map[ptrace.SpanKind]string{
		ptrace.SpanKindInternal: "SPAN_KIND_INTERNAL", ptrace.SpanKindServer: "SPAN_KIND_SERVER", ptrace.SpanKindClient: "SPAN_KIND_CLIENT",
		ptrace.SpanKindProducer: "SPAN_KIND_PRODUCER", ptrace.SpanKindConsumer: "SPAN_KIND_CONSUMER",
	}
	codes = map[ptrace.StatusCode]string{ptrace.StatusCodeOk: "STATUS_CODE_OK", ptrace.StatusCodeError: "STATUS_CODE_ERROR"}
)

func nanos(at pcommon.Timestamp) string { return strconv.FormatUint(uint64(at), 10) }

func attributes(from pcommon.Map) []attribute {
	var all []attribute
	for key, value := range from.All() {
		all = append(all, attribute{key, valueForm(value)})
	}
	return all
}

func valueForm(value pcommon.Value) map[string]any {
	switch value.Type() {
	case pcommon.ValueTypeBool:
		return map[string]any{"boolValue": value.Bool()}
	case pcommon.ValueTypeInt:
		return map[string]any{"intValue": strconv.FormatInt(value.Int(), 10)}
	case pcommon.ValueTypeDouble:
		return map[string]any{"doubleValue": value.Double()}
	case pcommon.ValueTypeBytes:
		return map[string]any{"bytesValue": value.Bytes().AsRaw()}
	case pcommon.ValueTypeSlice:
		values := []any{}
		for _, one := range value.Slice().All() {
			values = append(values, valueForm(one))
		}
		return map[string]any{"arrayValue": map[string]any{"values": values}}
	case pcommon.ValueTypeMap:
		return map[string]any{"kvlistValue": map[string]any{"values": attributes(value.Map())}}
	case pcommon.ValueTypeEmpty:
		return map[string]any{}
	default:
		return map[string]any{"stringValue": value.Str()}
	}
}
