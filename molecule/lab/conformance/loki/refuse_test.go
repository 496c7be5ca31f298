// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const demanding = `parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will`

func TestRefusedQueries(t *testing.T) {
	base := ready(t)
	cases := map[string]struct {
		reason, query string
		more          []string
		want          string
	}{
		"nothing":            {"no query", ``, nil, `parse error : syntax error: unexpected $end`},
		"word":               {"no selector", `foo`, nil, `parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`},
		"misspelt stage":     {"what follows a label's name is missing", `{app="traefik"} | jsn`, nil, `parse error at line 1, col 22: syntax error: unexpected $end`},
		"third line":         {"the position is relative to its line", "{\napp=\"x\"\n} | jsn", nil, `parse error at line 3, col 8: syntax error: unexpected $end`},
		"no value":           {"a matcher without a value", `{app=}`, nil, `parse error at line 1, col 6: syntax error: unexpected }, expecting STRING`},
		"no operator":        {"a label alone", `{app}`, nil, `parse error at line 1, col 5: syntax error: unexpected }, expecting = or =~ or !~ or !=`},
		"number":             {"no operator", `{app 5}`, nil, `parse error at line 1, col 6: syntax error: unexpected NUMBER, expecting = or =~ or !~ or !=`},
		"open":               {"no closing brace", `{app="x"`, nil, `parse error at line 1, col 9: syntax error: unexpected $end, expecting } or ,`},
		"closed twice":       {"a brace too many", `{app="x"}}`, nil, `parse error at line 1, col 10: syntax error: unexpected }`},
		"comma at the end":   {"a matcher is missing", `{app="x",}`, nil, `parse error at line 1, col 10: syntax error: unexpected }, expecting IDENTIFIER`},
		"no comma":           {"between matchers", `{app="x" namespace="y"}`, nil, `parse error at line 1, col 10: syntax error: unexpected IDENTIFIER, expecting } or ,`},
		"quoted name":        {"names must not be quoted", `{"app"="x"}`, nil, `parse error at line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }`},
		"open string":        {"no closing quote", `{app="x`, nil, `parse error at line 1, col 6: literal not terminated`},
		"bad escape":         {"no such escape", `{app="\q"}`, nil, `parse error at line 1, col 6: invalid char escape`},
		"dotted name":        {"no dots in names", `{a.b="x"}`, nil, `parse error at line 1, col 3: syntax error: unexpected ., expecting = or =~ or !~ or !=`},
		"filter without":     {"a line filter needs a text", `{app="x"} |= `, nil, `parse error at line 1, col 14: syntax error: unexpected $end, expecting STRING or ip`},
		"filter with a word": {"text must be quoted", `{app="x"} |= mark`, nil, `parse error at line 1, col 14: syntax error: unexpected IDENTIFIER, expecting STRING or ip`},
		"pipe":               {"a stage is missing", `{app="x"} |`, nil, `parse error at line 1, col 12: syntax error: unexpected $end`},
		"pipe after json":    {"a stage is missing", `{app="x"} | json |`, nil, `parse error at line 1, col 19: syntax error: unexpected $end`},
		"json twice":         {"a pipe is missing", `{app="x"} | json json`, nil, `parse error at line 1, col 18: syntax error: unexpected json`},
		"label with a word":  {"text must be quoted", `{app="x"} | json | a=b`, nil, `parse error at line 1, col 22: syntax error: unexpected IDENTIFIER`},
		"text alone":         {"no filter", `{app="x"} "a"`, nil, `parse error at line 1, col 11: syntax error: unexpected STRING`},
		"no stage":           {"not a stage", `{app="x"} | %`, nil, `parse error at line 1, col 13: syntax error: unexpected %`},
		"pattern":            {"of a label of the stream", `{app=~"("}`, nil, "parse error : error parsing regexp: missing closing ): `(`"},
		"pattern of a field": {"of a label", `{app="x"} | json | a=~"("`, nil, "parse error : error parsing regexp: missing closing ): `(`"},
		"pattern of a line":  {"of a line filter", `{app="x"} |~ "("`, nil, "parse error : stage '|~ \"(\"' : error parsing regexp: missing closing ): `(`"},
		"empty selector":     {"a selector must not match everything", `{}`, nil, demanding},
		"any value":          {"a selector must not match everything", `{app=~".*"}`, nil, demanding},
		"all but one":        {"a selector must not match everything", `{app!="x"}`, nil, demanding},
		"no limit":           {"zero lines", `{app="x"}`, []string{"limit=0"}, `limit must be a positive value`},
		"bad limit":          {"not a number", `{app="x"}`, []string{"limit=x"}, `strconv.Atoi: parsing "x": invalid syntax`},
		"limit":              {"too many lines", `{app="x"}`, []string{"limit=5001"}, `max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)`},
		"direction":          {"no such direction", `{app="x"}`, []string{"direction=up"}, `invalid direction 'up'`},
		"start":              {"not a time", `{app="x"}`, []string{"start=x"}, `could not parse 'start' parameter: strconv.ParseInt: parsing "x": invalid syntax`},
		"end":                {"not a time", `{app="x"}`, []string{"end=x"}, `could not parse 'end' parameter: strconv.ParseInt: parsing "x": invalid syntax`},
		"since":              {"not a duration", `{app="x"}`, []string{"since=x"}, `could not parse 'since' parameter: not a valid duration string: "x"`},
		"step":               {"not a duration", `{app="x"}`, []string{"step=x"}, `cannot parse "x" to a valid duration`},
		"backwards":          {"the end is before the start", `{app="x"}`, []string{"start=1700000000", "end=1600000000"}, `end timestamp must not be before or equal to start time`},
		"too long":           {"more than a month", `{app="x"}`, []string{"start=1600000000", "end=1700000000"}, `the query time range exceeds the limit (query length: 27777h46m40s, limit: 30d1h)`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := get(t, base, "logs", "/loki/api/v1/query_range", append([]string{"query=" + c.query}, c.more...)...)
			require.Equal(t, reply{http.StatusBadRequest, "text/plain; charset=utf-8", c.want}, got, c.reason)
		})
	}
}

func TestInstantQueries(t *testing.T) {
	base := ready(t)
	for query, want := range map[string]string{"vector(1)+vector(1)": `"metric":{},"value":[@,"2"]`, "vector(1.5)": `"metric":{},"value":[@,"1.5"]`} {
		got := get(t, base, "logs", "/loki/api/v1/query", "query="+query)
		require.Equal(t, http.StatusOK, got.status)
		require.Regexp(t, `^\{"status":"success","data":\{"resultType":"vector","result":\[\{`+strings.ReplaceAll(quoted(want), "@", `[0-9.]+`)+`\}\],"stats":\{`, got.body)
	}
	for query, want := range map[string]string{
		`{app="web"}`: `log queries are not supported as an instant query type, please change your query to a range query type`,
		`vector`:      `parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`,
		`vector(`:     `parse error at line 1, col 8: syntax error: unexpected $end, expecting NUMBER`,
		`vector(x)`:   `parse error at line 1, col 8: syntax error: unexpected IDENTIFIER, expecting NUMBER`,
		`vector(1`:    `parse error at line 1, col 9: syntax error: unexpected $end, expecting )`,
		`vector(1)+`:  `parse error at line 1, col 11: syntax error: unexpected $end`,
	} {
		require.Equal(t, reply{http.StatusBadRequest, "text/plain; charset=utf-8", want}, get(t, base, "logs", "/loki/api/v1/query", "query="+query), query)
	}
}

func quoted(text string) string {
	return strings.NewReplacer("{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, ".", `\.`).Replace(text)
}
