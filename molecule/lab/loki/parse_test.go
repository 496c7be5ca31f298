// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What Loki and its stand-in have in common is in molecule/lab/conformance/loki.
func TestLogQLThatTheStandInDoesNotSupport(t *testing.T) {
	const unknown = ": the lab's stand-in for Loki does not know it"
	cases := map[string]struct{ reason, query, want string }{
		"stage":        {"another parser", `{app="x"} | logfmt`, "parse error at line 1, col 13: syntax error: unexpected logfmt" + unknown},
		"format":       {"it would change the line", `{app="x"} | line_format "y"`, "parse error at line 1, col 13: syntax error: unexpected line_format" + unknown},
		"metric":       {"numbers of lines", `count_over_time({app="x"}[1m])`, "parse error at line 1, col 1: syntax error: unexpected count_over_time" + unknown},
		"sum":          {"of a metric", `sum(rate({app="x"}[1m]))`, "parse error at line 1, col 1: syntax error: unexpected sum" + unknown},
		"and":          {"two labels in one stage", `{app="x"} | json | a="1" and b="2"`, "parse error at line 1, col 26: syntax error: unexpected and" + unknown},
		"or":           {"two texts in one stage", `{app="x"} |= "a" or "b"`, "parse error at line 1, col 18: syntax error: unexpected or" + unknown},
		"number":       {"a label as a number", `{app="x"} | json | a > 2`, "parse error at line 1, col 22: syntax error: unexpected >" + unknown},
		"at least":     {"a label as a number", `{app="x"} | json | a >= 2`, "parse error at line 1, col 22: syntax error: unexpected >=" + unknown},
		"chosen field": {"json with names", `{app="x"} | json a="b"`, "parse error at line 1, col 18: syntax error: unexpected IDENTIFIER" + unknown},
		"pattern":      {"a line filter of Loki 3", `{app="x"} |> "a<_>"`, "parse error at line 1, col 11: syntax error: unexpected |>" + unknown},
		"difference":   {"of vectors", `vector(2)-vector(1)`, "parse error at line 1, col 10: syntax error: unexpected -" + unknown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.query)
			require.EqualError(t, err, c.want, c.reason)
		})
	}
}

func TestOldLinesAreDropped(t *testing.T) {
	var one stream
	for at := range int64(keep + 2) {
		one.insert(entry{at: at})
	}
	require.Len(t, one.entries, keep)
	require.Equal(t, int64(2), one.entries[0].at)
}
