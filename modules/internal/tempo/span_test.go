// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// first is the answer of Tempo 1.5 to a lookup: base64 ids, libraries for scopes.
const first = `{"batches":[
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"traefik"}}]},
  "instrumentationLibrarySpans":[{"instrumentationLibrary":{},"spans":[
   {"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"APBnqguQK3k=","name":"entrypoint","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1000000000","endTimeUnixNano":"1250000000","attributes":[{"key":"http.status_code","value":{"intValue":"200"}}],"status":{}}]}]},
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},
  "instrumentationLibrarySpans":[{"spans":[
   {"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"AAAAAAAAAAI=","parentSpanId":"APBnqguQK3k=","name":"/api/vote","startTimeUnixNano":"1100000000","endTimeUnixNano":"1200000000","status":{"code":"STATUS_CODE_ERROR"}}]}]}]}`

// second is the same from /api/v2/traces of a newer one: hexadecimal ids, numbers for words.
const second = `{"trace":{"resourceSpans":[
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},
  "scopeSpans":[{"spans":[
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000002","parentSpanId":"00f067aa0b902b79","name":"/api/vote","kind":1,"startTimeUnixNano":1100000000,"endTimeUnixNano":1200000000,"status":{"code":2}}]}]},
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"traefik"}}]},
  "scopeSpans":[{"scope":{"name":"x"},"spans":[
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0b902b79","parentSpanId":"AAAAAAAAAAA=","name":"entrypoint","kind":2,"startTimeUnixNano":1000000000,"endTimeUnixNano":1250000000,"attributes":[{"key":"http.status_code","value":{"intValue":200}}]}]}]}]},"status":"COMPLETE"}`

func TestDecode(t *testing.T) {
	want := Trace{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Spans: []Span{
		{ID: "00f067aa0b902b79", Service: "traefik", Name: "entrypoint", Kind: Serving, Start: time.Unix(1, 0).UTC(), Duration: 250 * time.Millisecond, Attributes: map[string]string{"http.status_code": "200"}, Resource: map[string]string{"service.name": "traefik"}},
		{ID: "0000000000000002", Parent: "00f067aa0b902b79", Service: "web", Name: "/api/vote", Start: time.Unix(1, 100000000).UTC(), Duration: 100 * time.Millisecond, Failed: true, Attributes: map[string]string{}, Resource: map[string]string{"service.name": "web"}},
	}}
	for name, body := range map[string]string{"tempo 1.5": first, "v2": second} {
		t.Run(name, func(t *testing.T) {
			got, err := decode("4bf92f3577b34da6a3ce929d0e0e4736", []byte(body))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	for name, body := range map[string]string{"a page": "<html>", "another shape": `["not", "what", "was", "asked"]`, "cut off": `{"batches":[`} {
		t.Run(name, func(t *testing.T) {
			_, err := decode("1", []byte(body))
			require.EqualError(t, err, "the answer is not a trace in JSON", "a person reads it, who does not know Go's decoder")
		})
	}
}

func TestTraceIDSame(t *testing.T) {
	cases := map[string]struct {
		reason, other string
		want          bool
	}{
		"equal":         {"", "00000000000000004bf92f3577b34da6", true},
		"64 bit":        {"Traefik v2 without id128Bit logs 16 digits", "4bf92f3577b34da6", true},
		"search result": {"Tempo's search leaves leading zeros out", "4bf92f3577b34da6", true},
		"upper case":    {"some clients write it in upper case", "4BF92F3577B34DA6", true},
		"other":         {"another trace", "4bf92f3577b34da7", false},
		"empty":         {"no ID", "", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, TraceID("00000000000000004bf92f3577b34da6").Same(test.other), test.reason)
		})
	}
}

func TestBeneath(t *testing.T) {
	trace := Trace{Spans: []Span{
		{ID: "a", Service: "traefik", Name: "in"},
		{ID: "b", Parent: "a", Service: "traefik", Name: "out"},
		{ID: "b", Parent: "a", Service: "web", Name: "shared", Kind: Serving},
		{ID: "c", Parent: "b", Service: "web", Name: "inner"},
		{ID: "x", Service: "other", Name: "root"},
		{ID: "y", Parent: "x", Service: "other", Name: "child"},
	}}
	names := func(spans []Span) []string {
		var all []string
		for _, span := range spans {
			all = append(all, span.Service+" "+span.Name)
		}
		return all
	}
	require.Equal(t, []string{"traefik out", "web shared", "web inner"}, names(trace.Beneath(trace.Spans[0])), "a Zipkin span shares the ID of its caller's span")
	require.Equal(t, []string{"other child"}, names(trace.Beneath(trace.Spans[4])))
	require.Equal(t, []string{"traefik", "web", "other"}, trace.Services())
}
