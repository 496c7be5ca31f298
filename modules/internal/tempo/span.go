// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// TraceID is lower-case hexadecimal, 32 digits long.
type TraceID string

// SpanID is lower-case hexadecimal, 16 digits long.
type SpanID string

// NewTraceID returns a random one.
func NewTraceID() TraceID { return TraceID(random(16)) }

// NewSpanID returns a random one.
func NewSpanID() SpanID { return SpanID(random(8)) }

func random(size int) string {
	data := make([]byte, size)
	_, _ = rand.Read(data) // never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(data)
}

// Same reports whether two ids are one: programs leave out leading zeros, and
// 64-bit ids are written with and without them.
func (id TraceID) Same(other string) bool {
	return strings.TrimLeft(string(id), "0") == strings.TrimLeft(strings.ToLower(other), "0")
}

// Kind is the role of a span in a call, as Zipkin names it.
type Kind string

// The kinds. Inner is a span within a service.
const (
	Serving   Kind = "SERVER"
	Consuming Kind = "CONSUMER"
	Calling   Kind = "CLIENT"
	Producing Kind = "PRODUCER"
	Inner     Kind = ""
)

// Span is one operation of one service.
type Span struct {
	ID, Parent SpanID
	Service    string
	Name       string
	Kind       Kind
	Start      time.Time
	Duration   time.Duration
	// Failed is true when the span's status says error.
	Failed     bool
	Attributes map[string]string
	// Resource are the attributes of what sent the span, with service.name; only of
	// spans that were read from Tempo.
	Resource map[string]string
}

// Trace is what Tempo has of a trace, in the order of the spans' starts.
type Trace struct {
	ID    TraceID
	Spans []Span
}

// Of returns the spans of one service, by its exact name.
func (t Trace) Of(service string) []Span {
	return slices.DeleteFunc(slices.Clone(t.Spans), func(span Span) bool { return span.Service != service })
}

// Services lists the services of the trace in the order in which they begin.
func (t Trace) Services() []string {
	var names []string
	for _, span := range t.Spans {
		if !slices.Contains(names, span.Service) {
			names = append(names, span.Service)
		}
	}
	return names
}

// Beneath returns the spans that descend from a span, without it. A span that
// shares the id of its caller's, as Zipkin's shared spans do, counts as beneath
// it.
func (t Trace) Beneath(top Span) []Span {
	above := map[SpanID]bool{top.ID: true}
	var found []Span
	for grown := true; grown; {
		grown = false
		for _, span := range t.Spans {
			below := above[span.Parent] || (span.ID == top.ID && span.Service != top.Service)
			if below && !slices.ContainsFunc(found, func(have Span) bool { return same(have, span) }) && !same(span, top) {
				found, grown = append(found, span), true
				above[span.ID] = true
			}
		}
	}
	return found
}

func same(a, b Span) bool {
	return a.ID == b.ID && a.Service == b.Service && a.Kind == b.Kind && a.Name == b.Name
}
