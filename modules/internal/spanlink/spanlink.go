// SPDX-License-Identifier: AGPL-3.0-or-later

// Package spanlink resolves the link from a span to its logs as Grafana does in the
// browser: it turns the tracesToLogsV2 of a Tempo data source into a Loki query for
// one span.
package spanlink

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Key is the key of the link in jsonData.
const Key = "tracesToLogsV2"

// Query is the query of the link.
type Query struct {
	// UID is the data source that is queried.
	UID      string
	LogQL    string
	From, To time.Time
}

// Hidden is why Grafana shows no link for a span.
type Hidden struct{ Reason string }

// Error is the reason.
func (h *Hidden) Error() string { return h.Reason }

// Render makes the query for a span of a trace. There is none, and no error, if
// jsonData has no link, and *Hidden if Grafana shows none (grafana/grafana
// public/app/features/explore/TraceView/createSpanLink.tsx).
func Render(settings map[string]any, trace tempo.TraceID, span tempo.Span) (query Query, found bool, err error) {
	link, _ := settings[Key].(map[string]any)
	text := func(key string) string {
		value, _ := link[key].(string)
		return value
	}
	is := func(key string) bool { return link[key] == true }
	if text("datasourceUid") == "" {
		return query, false, nil
	}
	written := text("query")
	if !is("customQuery") {
		written = "{${__tags}}"
		if is("filterByTraceID") {
			written += ` |="${__span.traceId}"`
		}
		if is("filterBySpanID") {
			written += ` |="${__span.spanId}"`
		}
	}
	logql, err := filled(written, variables(link["tags"], trace, span))
	if err != nil {
		return query, true, err
	}
	from, to := between(span, text("spanStartTimeShift"), text("spanEndTimeShift"))
	return Query{UID: text("datasourceUid"), LogQL: logql, From: from, To: to}, true, nil
}

// variables are those that a query may use, by their names without "${}".
func variables(wanted any, trace tempo.TraceID, span tempo.Span) map[string]string {
	all := map[string]string{
		"__trace.traceId": string(trace), "__span.traceId": string(trace), "__span.spanId": string(span.ID),
		"__span.name": span.Name, "__trace.name": span.Name, "__span.duration": strconv.FormatInt(span.Duration.Microseconds(), 10),
	}
	values := tags(span)
	for name, value := range values {
		all["__span.tags."+name] = value
		all[`__span.tags["`+name+`"]`] = value
		all["__span.tags['"+name+"']"] = value
	}
	if text := matchers(wanted, values); text != "" {
		all["__tags"] = text
	}
	return all
}

// tags are the span's own and those of its resource.
func tags(span tempo.Span) map[string]string {
	all := map[string]string{}
	for _, one := range []map[string]string{span.Resource, span.Attributes} {
		for name, value := range one {
			all[name] = value
		}
	}
	return all
}

// defaultTags are the tags of a link that names none.
func defaultTags() []any {
	return []any{
		map[string]any{"key": "cluster"}, map[string]any{"key": "hostname"}, map[string]any{"key": "namespace"}, map[string]any{"key": "pod"},
		map[string]any{"key": "service.name", "value": "service_name"}, map[string]any{"key": "service.namespace", "value": "service_namespace"},
	}
}

// matchers is the content of a selector made from tags, each under the label that
// the link gives it.
func matchers(wanted any, values map[string]string) string {
	list, _ := wanted.([]any)
	if len(list) == 0 {
		list = defaultTags()
	}
	var parts []string
	for _, item := range list {
		key, label := keyAndLabel(item)
		if value, ok := values[key]; ok {
			parts = append(parts, fmt.Sprintf("%s=%q", label, value))
		}
	}
	return strings.Join(parts, ", ")
}

// keyAndLabel are those of a tag in a link; without a label it is the key.
func keyAndLabel(item any) (key, label string) {
	tag, _ := item.(map[string]any)
	key, _ = tag["key"].(string)
	label, _ = tag["value"].(string)
	return key, cmp.Or(label, key)
}

// variable is ${NAME} or $NAME.
var variable = lazyregexp.Regexp{Expr: `\$\{([^}:]+)(?::[^}]*)?\}|\$(__\w+(?:\.\w+)*)`}

// filled inserts the variables. Grafana shows no link if one has no value.
func filled(written string, values map[string]string) (text string, err error) {
	text = variable.Get().ReplaceAllStringFunc(written, func(found string) string {
		parts := variable.Get().FindStringSubmatch(found)
		value, ok := values[parts[1]+parts[2]]
		if !ok && err == nil {
			err = &Hidden{fmt.Sprintf("%s has no value for this span", found)}
		}
		return value
	})
	return text, err
}

// between is a span's time range in milliseconds, shifted; it is never empty.
func between(span tempo.Span, startShift, endShift string) (from, to time.Time) {
	from = span.Start.Add(shift(startShift)).Truncate(time.Millisecond)
	to = span.Start.Add(span.Duration + shift(endShift)).Truncate(time.Millisecond)
	if !to.After(from) {
		to = from.Add(time.Millisecond)
	}
	return from, to
}

// units are Grafana's, beyond those of Go (grafana-data, rangeutil.ts).
func units() map[string]time.Duration {
	return map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "M": 30 * 24 * time.Hour, "y": 365 * 24 * time.Hour}
}

// shift parses a duration of Grafana's; what is not one is no shift.
func shift(text string) time.Duration {
	if length, err := time.ParseDuration(text); err == nil {
		return length
	}
	if text == "" {
		return 0
	}
	number, err := strconv.ParseFloat(text[:len(text)-1], 64)
	if err != nil {
		return 0
	}
	return time.Duration(number * float64(units()[text[len(text)-1:]]))
}
