// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/picluster/tracing/modules/internal/tempo"
)

// Columns is the width of the bars in a terminal.
const Columns = 40

// row is one span of a waterfall.
type row struct {
	span  tempo.Span
	depth int
	// from and width are parts of the whole trace, 0 to 1.
	from, width float64
}

// rows puts the spans in the order of a tree, callers above what they called.
func rows(trace tempo.Trace) []row {
	begin, whole := extent(trace)
	known := map[tempo.SpanID]bool{}
	for _, span := range trace.Spans {
		known[span.ID] = true
	}
	var all []row
	placed := make([]bool, len(trace.Spans))
	var place func(parent tempo.SpanID, depth int)
	place = func(parent tempo.SpanID, depth int) {
		for i, span := range trace.Spans {
			if placed[i] || !under(span, parent, known) {
				continue
			}
			placed[i] = true
			all = append(all, row{span, depth, float64(span.Start.Sub(begin)) / whole, float64(span.Duration) / whole})
			place(span.ID, depth+1)
		}
	}
	place("", 0)
	for i, span := range trace.Spans { // a cycle of parents has no root
		if !placed[i] {
			all = append(all, row{span, 0, float64(span.Start.Sub(begin)) / whole, float64(span.Duration) / whole})
		}
	}
	return all
}

// under reports whether a span is beneath parent; "" is the root, where also
// those belong whose parent the trace does not have.
func under(span tempo.Span, parent tempo.SpanID, known map[tempo.SpanID]bool) bool {
	if parent == "" {
		return !known[span.Parent]
	}
	return span.Parent == parent
}

// extent is when a trace begins, and how long it is in nanoseconds, at least 1.
func extent(trace tempo.Trace) (begin time.Time, whole float64) {
	var end time.Time
	for i, span := range trace.Spans {
		if i == 0 || span.Start.Before(begin) {
			begin = span.Start
		}
		if last := span.Start.Add(span.Duration); last.After(end) {
			end = last
		}
	}
	return begin, max(1, float64(end.Sub(begin)))
}

// Waterfall draws a trace for a terminal, a line a span: service, operation,
// bar, duration. The bars are as wide as asked.
func Waterfall(trace tempo.Trace, width int) []string {
	all := rows(trace)
	var services, names int
	for _, row := range all {
		services = max(services, utf8.RuneCountInString(row.span.Service))
		names = max(names, utf8.RuneCountInString(label(row)))
	}
	lines := []string{}
	for _, row := range all {
		mark := ""
		if row.span.Failed {
			mark = "  error"
		}
		lines = append(lines, fmt.Sprintf("%s  %s  %s  %s%s", padded(row.span.Service, services), padded(label(row), names), bar(row, width), short(row.span.Duration), mark))
	}
	return lines
}

func label(row row) string { return strings.Repeat("  ", row.depth) + row.span.Name }

func padded(text string, width int) string {
	return text + strings.Repeat(" ", width-utf8.RuneCountInString(text))
}

// bar is at least one column, within the width.
func bar(row row, width int) string {
	from := min(int(row.from*float64(width)), width-1)
	long := max(1, min(int(row.width*float64(width)+0.5), width-from))
	return strings.Repeat("·", from) + strings.Repeat("█", long) + strings.Repeat("·", width-from-long)
}

// short rounds a duration to what matters.
func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// TraceData is a trace as results have it; times in microseconds.
func TraceData(trace tempo.Trace) map[string]any {
	spans := []map[string]any{}
	for _, row := range rows(trace) {
		spans = append(spans, map[string]any{
			"id": string(row.span.ID), "parent": string(row.span.Parent), "service": row.span.Service, "name": row.span.Name,
			"start": row.span.Start.Format(time.RFC3339Nano), "duration_us": row.span.Duration.Microseconds(), "failed": row.span.Failed,
		})
	}
	return map[string]any{"id": string(trace.ID), "services": trace.Services(), "spans": spans}
}
