// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"
)

// The answers of the query frontend in JSON: /api/traces/ID has batches (or
// resourceSpans), /api/v2/traces/ID has them below trace (grafana/tempo,
// pkg/tempopb/tempo.proto v1.5.0, v2.10.0, v3.0.3). Scopes were called
// instrumentation libraries up to Tempo 1.5.
type (
	answered struct {
		batches
		Trace *batches `json:"trace"`
	}
	batches struct {
		Batches       []batch `json:"batches"`
		ResourceSpans []batch `json:"resourceSpans"`
	}
	batch struct {
		Resource struct {
			Attributes []attribute `json:"attributes"`
		} `json:"resource"`
		ScopeSpans   []scope `json:"scopeSpans"`
		LibrarySpans []scope `json:"instrumentationLibrarySpans"`
	}
	scope struct {
		Spans []rawSpan `json:"spans"`
	}
	rawSpan struct {
		TraceID, SpanID, ParentSpanID string
		Name                          string
		Kind                          json.RawMessage
		StartTimeUnixNano             json.RawMessage
		EndTimeUnixNano               json.RawMessage
		Attributes                    []attribute
		Status                        struct{ Code json.RawMessage }
	}
	attribute struct {
		Key   string `json:"key"`
		Value map[string]json.RawMessage
	}
)

// decode reads a trace. The ids in it are base64, or hexadecimal in newer
// versions.
func decode(id TraceID, body []byte) (Trace, error) {
	var answer answered
	if err := json.Unmarshal(body, &answer); err != nil {
		return Trace{}, errors.New("the answer is not a trace in JSON")
	}
	all := answer.batches
	if answer.Trace != nil {
		all = *answer.Trace
	}
	trace := Trace{ID: id}
	for _, batch := range slices.Concat(all.Batches, all.ResourceSpans) {
		resource := texts(batch.Resource.Attributes)
		for _, scope := range slices.Concat(batch.ScopeSpans, batch.LibrarySpans) {
			for _, raw := range scope.Spans {
				trace.Spans = append(trace.Spans, raw.span(resource))
			}
		}
	}
	slices.SortStableFunc(trace.Spans, func(a, b Span) int { return cmp.Or(a.Start.Compare(b.Start), int(b.Duration-a.Duration)) })
	return trace, nil
}

func (r rawSpan) span(resource map[string]string) Span {
	start, end := nanos(r.StartTimeUnixNano), nanos(r.EndTimeUnixNano)
	return Span{
		ID: SpanID(idText(r.SpanID, 8)), Parent: SpanID(idText(r.ParentSpanID, 8)), Service: resource["service.name"], Name: r.Name, Kind: kindOf(r.Kind),
		Start: time.Unix(0, start).UTC(), Duration: time.Duration(end - start),
		Failed: word(r.Status.Code) == "STATUS_CODE_ERROR" || word(r.Status.Code) == "2", Attributes: texts(r.Attributes), Resource: resource,
	}
}

// idText writes an id of some bytes in hexadecimal; "" for none.
func idText(text string, size int) string {
	if len(text) == 2*size {
		if _, err := hex.DecodeString(text); err == nil {
			return text
		}
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || allZero(data) {
		return ""
	}
	return hex.EncodeToString(data)
}

func allZero(data []byte) bool {
	return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 })
}

// kinds are the numbers and names of OTLP's span kinds
// (open-telemetry/opentelemetry-proto, trace/v1/trace.proto).
func kinds() map[string]Kind {
	return map[string]Kind{
		"SPAN_KIND_SERVER": Serving, "2": Serving, "SPAN_KIND_CLIENT": Calling, "3": Calling,
		"SPAN_KIND_PRODUCER": Producing, "4": Producing, "SPAN_KIND_CONSUMER": Consuming, "5": Consuming,
	}
}

func kindOf(raw json.RawMessage) Kind { return kinds()[word(raw)] }

// word is a JSON string or number as text.
func word(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

func nanos(raw json.RawMessage) int64 {
	n, _ := strconv.ParseInt(word(raw), 10, 64)
	return n
}

// texts are attributes as text: each value is under the name of its type.
func texts(attributes []attribute) map[string]string {
	all := map[string]string{}
	for _, attribute := range attributes {
		for _, raw := range attribute.Value {
			all[attribute.Key] = word(raw)
		}
	}
	return all
}
