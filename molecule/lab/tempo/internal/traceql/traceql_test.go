// SPDX-License-Identifier: AGPL-3.0-or-later

package traceql

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// sample is one span of a shop, of 250 ms, with an error.
func sample() (spans.Summary, ptrace.Traces) {
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "shop")
	span := resource.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(pcommon.TraceID{1})
	span.SetName("pay")
	span.SetKind(ptrace.SpanKindClient)
	span.Status().SetCode(ptrace.StatusCodeError)
	span.Attributes().PutInt("http.status_code", 500)
	span.Attributes().PutBool("paid", false)
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Unix(1, 0)))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Unix(1, 250_000_000)))
	return spans.Summarize(span.TraceID(), traces), traces
}

func TestFind(t *testing.T) {
	cases := map[string]struct {
		reason string
		query  string
		found  int
	}{
		"all":                {"no condition", `{}`, 1},
		"resource":           {"by scope", `{ resource.service.name = "shop" }`, 1},
		"any scope":          {"by a dot", `{ .service.name = "shop" }`, 1},
		"the other scope":    {"a span has no service", `{ span.service.name = "shop" }`, 0},
		"not":                {"it has another value", `{ name != "vote" }`, 1},
		"a missing one":      {"a missing attribute matches no comparison", `{ span.nosuch != "a" }`, 0},
		"nil":                {"the attribute is missing", `{ span.nosuch = nil }`, 1},
		"number":             {"greater", `{ span.http.status_code >= 500 }`, 1},
		"number as text":     {"types differ", `{ span.http.status_code = "500" }`, 0},
		"truth":              {"of an attribute", `{ span.paid = false }`, 1},
		"duration":           {"with a unit", `{ duration > 200ms && duration < 1s }`, 1},
		"status":             {"a word", `{ status = error }`, 1},
		"kind":               {"a word", `{ kind = client }`, 1},
		"expression":         {"the whole value", `{ name =~ "p" }`, 0},
		"expression, all":    {"the whole value", `{ name =~ "p.*" }`, 1},
		"not the expression": {"only existing attributes", `{ name !~ "v.*" }`, 1},
		"and binds more":     {"than or", `{ name = "pay" || name = "a" && name = "b" }`, 1},
		"parentheses":        {"bind most", `{ (name = "pay" || name = "a") && name = "b" }`, 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			query, err := Parse(test.query)
			require.NoError(t, err)
			found := 0
			summary, traces := sample()
			query.Find(summary, traces, func(ptrace.ResourceSpans, ptrace.Span) { found++ })
			require.Equal(t, test.found, found, test.reason)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	cases := map[string]struct{ reason, query, want string }{
		"nothing":    {"a spanset is expected", ``, "parse error at line 1, col 1: syntax error: unexpected $end"},
		"cut off":    {"its end is missing", `{`, "parse error at line 1, col 2: syntax error: unexpected $end"},
		"no scope":   {"the name is unknown", `{ nosuch = 1 }`, "parse error at line 1, col 3: syntax error: unexpected nosuch"},
		"no value":   {"a value is expected", `{ name = }`, "parse error at line 1, col 10: syntax error: unexpected }"},
		"more":       {"trailing text", `{} {}`, "parse error at line 1, col 4: syntax error: unexpected {"},
		"a sign":     {"no such operator", `{ name = "a" ; }`, `parse error at line 1, col 14: syntax error: unexpected ';'`},
		"aggregates": {"aggregates are not supported", `{} | avg(duration)`, "parse error at line 1, col 6: syntax error: unexpected avg"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.query)
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}

func TestMetrics(t *testing.T) {
	query, err := Parse(`{ status = error } | rate() by (resource.service.name, name)`)
	require.NoError(t, err)
	require.Equal(t, "rate", query.Metric)
	require.Equal(t, []string{"resource.service.name", "name"}, query.By)
}
