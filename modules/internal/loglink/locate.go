// SPDX-License-Identifier: AGPL-3.0-or-later

package loglink

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/loki"
)

// Own tells the trace IDs of one request from others.
type Own func(id string) bool

// Locate says where in a line its trace ID is. Stream are the labels of its
// stream, since an answer of Loki's does not tell them from structured metadata.
// The text takes precedence over labels: any Grafana can look into it.
func Locate(line loki.Line, stream map[string]string, own Own) (link Link, found bool) {
	if link, found = inText(line.Text, own); found {
		return link, true
	}
	for _, name := range slices.SortedFunc(maps.Keys(line.Labels), usualFirst) {
		if !own(line.Labels[name]) {
			continue
		}
		if _, ok := stream[name]; ok {
			return Link{Place: Label, Name: name}, true
		}
		return Link{Place: Metadata, Name: name}, true
	}
	return Link{}, false
}

// hexadecimal are the words of a line that may be trace IDs.
var hexadecimal = lazyregexp.Regexp{Expr: `[0-9a-fA-F]{16,32}`}

// before is what precedes a value: a name, and what separates the two,
// with quotes that are escaped where JSON is nested, and the version of a
// traceparent.
var before = lazyregexp.Regexp{Expr: `(\\*["']?)([A-Za-z_][\w.-]*)(\\*["']?\s*[:=]\s*(\\*["']?)(?:[0-9a-f]{2}-)?)$`}

// inText looks for the ID in the text: in a field of a usual name, else in the
// first field, else anywhere. An expression that finds something else first comes
// after all others.
func inText(text string, own Own) (best Link, found bool) {
	sure := false
	for _, at := range hexadecimal.Get().FindAllStringIndex(text, -1) {
		if !own(text[at[0]:at[1]]) {
			continue
		}
		link := around(text, at[0], at[1])
		value, _, _ := first(link.Regex, text)
		if works := own(value); !found || works && (!sure || better(link, best)) {
			best, found, sure = link, true, works
		}
	}
	return best, found
}

// around is the link to the value between two places of a text.
func around(text string, from, to int) Link {
	parts := before.Get().FindStringSubmatch(text[:from])
	if parts == nil {
		return Link{Place: Line, Regex: `\b([0-9a-fA-F]{32})\b`}
	}
	regex := regexp.QuoteMeta(parts[1]+parts[2]+parts[3]) + `(\w+)`
	if quote := parts[4]; quote != "" && strings.HasPrefix(text[to:], quote) {
		regex += regexp.QuoteMeta(quote)
	}
	return Link{Place: Field, Name: parts[2], Regex: regex}
}

func better(a, b Link) bool {
	if (a.Place == Field) != (b.Place == Field) {
		return a.Place == Field
	}
	return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), cmp.Compare(depth(a), depth(b))) < 0
}

// depth is how deep in quotes a field is: what holds it as it is fits more lines
// than what holds it in a copy, such as that of Traefik's line sent by OTLP in the
// one that it writes beside it.
func depth(link Link) int { return strings.Count(link.Regex, `\\`) }

// usual are the names that a trace ID mostly has: those of Traefik from
// 3.6.11 on, of 3.2 and of 2 (compat.TraefikFor), and what shippers make of them.
var usual = []string{"trace_id", "TraceId", "request_X-B3-Traceid", "traceid", "traceID"}

func rank(name string) int {
	if at := slices.Index(usual, name); at >= 0 {
		return at
	}
	return len(usual)
}

func usualFirst(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) }
