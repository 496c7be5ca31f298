// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const jsonType = "application/json"

// pushed is sent before the queries; NOW is the time in seconds.
const pushed = `{"streams":[
  {"stream":{"app":"traefik","namespace":"kube-system"},"values":[
    ["NOW000000001","{\"RequestHost\":\"a.example\",\"RequestPath\":\"/x/mark/y\",\"n\":1.50,\"deep\":{\"a\":{\"b\":true}},\"list\":[1,{\"c\":2}],\"bad-key.x\":\"v\",\"none\":null,\"1x\":\"d\",\"app\":\"own\",\"level\":\"WARN\"}"],
    ["NOW000000002","no JSON"],
    ["NOW000000003","{\"RequestHost\":\"b.example\",\"RequestPath\":\"/mark\"}",{"trace_id":"abc","user.id":"7","app":"other"}],
    ["NOW000000004","{\"a\":\"1\",\"a\":\"2\",\"b\":"]]},
  {"stream":{"app":"web"},"values":[["NOW000000005","hello world"],["NOW000000005","hello again"],["NOW000000005","hello world"]]}
]}`

// What the lines look like in an answer.
const (
	first  = `["NOW000000001","{\"RequestHost\":\"a.example\",\"RequestPath\":\"/x/mark/y\",\"n\":1.50,\"deep\":{\"a\":{\"b\":true}},\"list\":[1,{\"c\":2}],\"bad-key.x\":\"v\",\"none\":null,\"1x\":\"d\",\"app\":\"own\",\"level\":\"WARN\"}"]`
	second = `["NOW000000002","no JSON"]`
	third  = `["NOW000000003","{\"RequestHost\":\"b.example\",\"RequestPath\":\"/mark\"}"]`
	fourth = `["NOW000000004","{\"a\":\"1\",\"a\":\"2\",\"b\":"]`

	labelsFirst  = `"app":"traefik","namespace":"kube-system","service_name":"traefik","detected_level":"warn"`
	labelsPlain  = `"app":"traefik","namespace":"kube-system","service_name":"traefik","detected_level":"unknown"`
	labelsThird  = labelsPlain + `,"trace_id":"abc","user_id":"7","app_extracted":"other"`
	parsedFirst  = labelsFirst + `,"RequestHost":"a.example","RequestPath":"/x/mark/y","n":"1.50","deep_a_b":"true","bad_key_x":"v","_1x":"d","app_extracted":"own","level":"WARN"`
	parsedThird  = labelsThird + `,"RequestHost":"b.example","RequestPath":"/mark"`
	parsedSecond = labelsPlain + `,"__error__":"JSONParserErr","__error_details__":"Value looks like object, but can't find closing '}' symbol"`
	parsedFourth = labelsPlain + `,"__error__":"JSONParserErr","__error_details__":"Malformed JSON error","a":"1"`
	webLabels    = `"app":"web","service_name":"web","detected_level":"unknown"`
)

// streams builds a response from labels and lines in turn.
func streams(parts ...string) string {
	var all []string
	for i := 0; i < len(parts); i += 2 {
		all = append(all, `{"stream":{`+parts[i]+`},"values":[`+parts[i+1]+`]}`)
	}
	return `{"status":"success","data":{"resultType":"streams","result":[` + strings.Join(all, ",") + `]}}`
}

func TestQueries(t *testing.T) {
	base, now := ready(t), time.Now().Unix()
	dated := func(text string) string { return strings.ReplaceAll(text, "NOW", strconv.FormatInt(now, 10)) }
	require.Equal(t, reply{status: http.StatusNoContent}, send(t, http.MethodPost, base+"/loki/api/v1/push", "logs", jsonType, dated(pushed)))
	all := streams(labelsThird, third, labelsPlain, fourth+","+second, labelsFirst, first)
	cases := map[string]struct {
		reason, query string
		more          []string
		want          string
	}{
		"selector":                 {"every line of a stream, those with the same labels together, newest first", `{app="traefik"}`, nil, all},
		"two matchers":             {"both must fit", `{app!="web", namespace="kube-system"}`, nil, all},
		"back quotes":              {"a string may be raw", "{app=`web`} |= `again`", nil, streams(webLabels, `["NOW000000005","hello again"]`)},
		"comment":                  {"to the end of the line", "{app=\"web\"} # all\n|= \"again\"", nil, streams(webLabels, `["NOW000000005","hello again"]`)},
		"pattern":                  {"anchored at both ends", `{app=~"w.b"}`, nil, streams(webLabels, `["NOW000000005","hello again"],["NOW000000005","hello world"]`)},
		"partial match":            {"anchored at both ends", `{app=~"w."}`, nil, streams()},
		"no pattern":               {"a label that must not match", `{service_name=~".+", app!~"tra.*"} |= "again"`, nil, streams(webLabels, `["NOW000000005","hello again"]`)},
		"label not there":          {"it has the value \"\"", `{app=~".+", namespace=""} |= "again"`, nil, streams(webLabels, `["NOW000000005","hello again"]`)},
		"other app":                {"nothing is found", `{app="nginx"}`, nil, streams()},
		"one label twice":          {"no stream has both values", `{app="web", app="traefik"}`, nil, streams()},
		"contains":                 {"two line filters", `{app="traefik"} |= "mark" != "a.example"`, nil, streams(labelsThird, third)},
		"matches":                  {"patterns of line filters are not anchored", `{app="traefik"} |~ "no?\\s" !~ "nothing"`, nil, streams(labelsPlain, second)},
		"json":                     {"fields become labels, and other lines pass with an error", `{app="traefik"} | json`, nil, streams(parsedFirst, first, parsedThird, third, parsedFourth, fourth, parsedSecond, second)},
		"Traefik's names":          {"what trace_probe queries", `{app="traefik"} | json | RequestHost="a.example" | RequestPath=~".*mark.*"`, nil, streams(parsedFirst, first)},
		"partial match of a field": {"patterns of labels are anchored", `{app="traefik"} | json | RequestHost="a.example" | RequestPath=~"mark"`, nil, streams()},
		"seed's names":             {"no line has these", `{app="traefik"} | json | message_RequestHost="a.example" | message_RequestPath=~".*mark.*"`, nil, streams()},
		"extracted":                {"a field with the same name as a label", `{app="traefik"} | json | app_extracted="own"`, nil, streams(parsedFirst, first)},
		"without errors":           {"the label __error__", `{app="traefik"} | json | __error__=""`, nil, streams(parsedFirst, first, parsedThird, third)},
		"metadata":                 {"structured metadata is a label like others", `{app="traefik"} | trace_id="abc"`, nil, streams(labelsThird, third)},
		"renamed metadata":         {"its name is converted into a label name", `{app="traefik"} | user_id=~"[0-9]" | json`, nil, streams(parsedThird, third)},
		"not this":                 {"a line without the value passes", `{app="traefik"} | trace_id!="abc" |= "no"`, nil, streams(labelsPlain, second, labelsFirst, first)},
		"not like":                 {"a label that does not match", `{app="traefik"} | detected_level!~"unk.*"`, nil, streams(labelsFirst, first)},
		"filter after json":        {"stages in any order", `{app="traefik"} | json | RequestHost!="" |= "b.example"`, nil, streams(parsedThird, third)},
		"level":                    {"of a field of the line", `{app="traefik"} | detected_level="warn"`, nil, streams(labelsFirst, first)},
		"limit":                    {"the newest", `{app="traefik"}`, []string{"limit=2"}, streams(labelsThird, third, labelsPlain, fourth)},
		"forward":                  {"the oldest", `{app="traefik"}`, []string{"limit=2", "direction=forward"}, streams(labelsPlain, second, labelsFirst, first)},
		"FORWARD":                  {"in upper case, too", `{app="traefik"} | json`, []string{"limit=1", "direction=FORWARD"}, streams(parsedFirst, first)},
		"from to":                  {"the end is exclusive", `{app="traefik"}`, []string{"start=NOW000000002", "end=NOW000000003"}, streams(labelsPlain, second)},
		"before":                   {"seconds", `{app="traefik"}`, []string{"end=NOW"}, streams()},
		"since":                    {"from the end", `{app="traefik"} |= "no J"`, []string{"since=1h", "end=NOW000000009"}, streams(labelsPlain, second)},
		"step":                     {"it is for metrics", `{app="traefik"} |= "no J"`, []string{"step=5"}, streams(labelsPlain, second)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			values := []string{"query=" + c.query, "end=" + strconv.FormatInt(now+60, 10)}
			for _, one := range c.more {
				if strings.HasPrefix(one, "end=") {
					values = values[:1]
				}
			}
			for _, one := range c.more {
				values = append(values, dated(one))
			}
			got := get(t, base, "logs", "/loki/api/v1/query_range", values...)
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Equal(t, "application/json; charset=UTF-8", got.kind)
			require.JSONEq(t, dated(c.want), withoutStats(t, got.body), c.reason)
		})
	}
	t.Run("another tenant", func(t *testing.T) {
		require.JSONEq(t, streams(), withoutStats(t, get(t, base, "other", "/loki/api/v1/query_range", `query={app="web"}`).body))
	})
	t.Run("POST", func(t *testing.T) {
		got := send(t, http.MethodPost, base+"/loki/api/v1/query_range", "logs", "application/x-www-form-urlencoded", `query={app="web"}+|=+"again"`)
		require.JSONEq(t, dated(streams(webLabels, `["NOW000000005","hello again"]`)), withoutStats(t, got.body))
	})
}

// withoutStats removes the statistics of the query.
func withoutStats(t *testing.T, text string) string {
	t.Helper()
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	delete(answer["data"].(map[string]any), "stats")
	raw, err := json.Marshal(answer)
	require.NoError(t, err)
	return string(raw)
}
