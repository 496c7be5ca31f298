// SPDX-License-Identifier: AGPL-3.0-or-later

package spanlink

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/tempo"
)

// MetricsKey is the key in jsonData of the link from a span to metrics.
const MetricsKey = "tracesToMetrics"

// MetricsQueries are the queries of the link to metrics.
type MetricsQueries struct {
	// UID is the data source that is queried.
	UID      string
	PromQL   []string
	From, To time.Time
}

// RenderMetrics makes the queries for a span, as Grafana does; there are none if
// jsonData has no link (grafana/grafana
// public/app/features/explore/TraceView/createSpanLink.tsx, buildMetricsQuery).
func RenderMetrics(settings map[string]any, span tempo.Span) (queries MetricsQueries, found bool) {
	link, _ := settings[MetricsKey].(map[string]any)
	text := func(key string) string {
		value, _ := link[key].(string)
		return value
	}
	asked, _ := link["queries"].([]any)
	if text("datasourceUid") == "" || len(asked) == 0 {
		return queries, false
	}
	queries.UID = text("datasourceUid")
	for _, item := range asked {
		query, _ := item.(map[string]any)
		written, _ := query["query"].(string)
		queries.PromQL = append(queries.PromQL, measured(written, link["tags"], span))
	}
	queries.From, queries.To = between(span, text("spanStartTimeShift"), text("spanEndTimeShift"))
	return queries, true
}

// measured is one query with the span's tags in it. A query without text is Grafana's
// own; a link without tags inserts nothing.
func measured(written string, wanted any, span tempo.Span) string {
	if written == "" {
		return fmt.Sprintf(`histogram_quantile(0.5, sum(rate(traces_spanmetrics_latency_bucket{service="%s"}[5m])) by (le))`, span.Service)
	}
	list, _ := wanted.([]any)
	if len(list) == 0 {
		return written
	}
	return strings.ReplaceAll(written, "$__tags", labels(list, span))
}

// labels are matchers of the tags that the span has; those of its resource take
// precedence, unlike in a link to logs.
func labels(wanted []any, span tempo.Span) string {
	var parts []string
	for _, item := range wanted {
		key, label := keyAndLabel(item)
		if value := cmp.Or(span.Resource[key], span.Attributes[key]); value != "" {
			parts = append(parts, label+`="`+value+`"`)
		}
	}
	return strings.Join(parts, ", ")
}
