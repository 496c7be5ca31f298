// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"time"
)

// b3 is a trace context, as the headers X-B3-* carry it (github.com/openzipkin/b3-propagation).
type b3 struct {
	trace, span, parent string
	sampled             bool
}

// traceID and spanID are the valid forms of the headers; anything else is no context.
var (
	traceID = regexp.MustCompile(`^([0-9a-f]{16}|[0-9a-f]{32})$`)
	spanID  = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// follow is a new span below the one that the headers name, or the root of a new trace.
func follow(headers http.Header) b3 {
	trace, parent := headers.Get("X-B3-TraceId"), headers.Get("X-B3-SpanId")
	if !traceID.MatchString(trace) || !spanID.MatchString(parent) {
		return b3{trace: random(16), span: random(8), sampled: true}
	}
	return b3{trace: trace, span: random(8), parent: parent, sampled: headers.Get("X-B3-Sampled") != "0"}
}

// child is a new span below this one.
func (b b3) child() b3 {
	return b3{trace: b.trace, span: random(8), parent: b.span, sampled: b.sampled}
}

// write sets the headers of a request.
func (b b3) write(headers http.Header) {
	headers.Set("X-B3-TraceId", b.trace)
	headers.Set("X-B3-SpanId", b.span)
	headers.Set("X-B3-ParentSpanId", b.parent)
	headers.Set("X-B3-Sampled", map[bool]string{true: "1", false: "0"}[b.sampled])
}

// span is one of Zipkin's, version 2; times are in microseconds.
type span struct {
	Trace     string   `json:"traceId"`
	ID        string   `json:"id"`
	Parent    string   `json:"parentId,omitempty"`
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Timestamp int64    `json:"timestamp"`
	Duration  int64    `json:"duration"`
	Local     endpoint `json:"localEndpoint"`
}

type endpoint struct {
	Service string `json:"serviceName"`
}

func (b b3) record(service, name, kind string, began time.Time) span {
	return span{
		Trace: b.trace, ID: b.span, Parent: b.parent, Name: name, Kind: kind, Local: endpoint{service},
		Timestamp: began.UnixMicro(), Duration: max(1, time.Since(began).Microseconds()),
	}
}

// random is an ID of that many bytes.
func random(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}
