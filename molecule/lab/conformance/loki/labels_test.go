// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLabelsAndSeries(t *testing.T) {
	base, now := ready(t), time.Now().Unix()
	const two = `{"streams":[{"stream":{"app":"traefik","namespace":"kube-system"},"values":[["%[1]d000000001","a"]]},{"stream":{"app":"web","empty":""},"values":[["%[1]d000000001","b",{"trace_id":"x"}]]}]}`
	require.Equal(t, 204, send(t, http.MethodPost, base+"/loki/api/v1/push", "l", jsonType, fmt.Sprintf(two, now)).status)
	const web, traefik = `{"app":"web","service_name":"web"}`, `{"app":"traefik","namespace":"kube-system","service_name":"traefik"}`
	cases := map[string]struct {
		reason, path string
		values       []string
		status       int
		want         string
	}{
		"labels":             {"of the streams, not of metadata", "labels", nil, 200, `{"status":"success","data":["app","namespace","service_name"]}`},
		"label":              {"another name for the same", "label", nil, 200, `{"status":"success","data":["app","namespace","service_name"]}`},
		"labels of a query":  {"of these streams", "labels", []string{`query={app="web"}`}, 200, `{"status":"success","data":["app","service_name"]}`},
		"values":             {"sorted", "label/app/values", nil, 200, `{"status":"success","data":["traefik","web"]}`},
		"values of a query":  {"of these streams", "label/app/values", []string{`query={namespace="kube-system"}`}, 200, `{"status":"success","data":["traefik"]}`},
		"values of none":     {"without values there is no list", "label/nothing/values", nil, 200, `{"status":"success"}`},
		"series":             {"all", "series", nil, 200, `{"status":"success","data":[` + web + `,` + traefik + `]}`},
		"series of a query":  {"these", "series", []string{`match[]={app="web"}`}, 200, `{"status":"success","data":[` + web + `]}`},
		"series of match":    {"another name for the same", "series", []string{`match={app="web"}`}, 200, `{"status":"success","data":[` + web + `]}`},
		"series of two":      {"those of either", "series", []string{`match[]={app="web"}`, `match[]={app=~".+"}`}, 200, `{"status":"success","data":[` + web + `,` + traefik + `]}`},
		"series of none":     {"an empty list", "series", []string{`match[]={app="nginx"}`}, 200, `{"status":"success","data":[]}`},
		"no query":           {"not a query", "label/app/values", []string{`query=x`}, 400, `parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`},
		"no series":          {"not a query", "series", []string{`match[]=x`}, 400, `parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`},
		"every series":       {"selects everything", "series", []string{`match[]={app=~".*"}`}, 400, demanding},
		"series with stages": {"lines are not looked at", "series", []string{`match[]={app="web"} |= "x"`}, 400, `only label matchers are supported`},
		"start":              {"not a time", "labels", []string{"start=x"}, 400, `could not parse 'start' parameter: strconv.ParseInt: parsing "x": invalid syntax`},
		"too long":           {"more than a month", "labels", []string{"start=1600000000", "end=1700000000"}, 400, `the query time range exceeds the limit (query length: 27777h46m40s, limit: 30d1h)`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := get(t, base, "l", "/loki/api/v1/"+c.path, c.values...)
			require.Equal(t, c.status, got.status, got.body)
			if c.status != http.StatusOK {
				require.Equal(t, c.want, got.body, c.reason)
				return
			}
			require.ElementsMatch(t, data(t, c.want), data(t, got.body), c.reason)
		})
	}
}

// data is the list in a response; that of series is unordered.
func data(t *testing.T, text string) []any {
	t.Helper()
	var answer struct {
		Status string
		Data   []any
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	require.Equal(t, "success", answer.Status)
	return answer.Data
}

func TestServiceNameAndLevel(t *testing.T) {
	base, now := ready(t), time.Now().Unix()
	cases := map[string]struct{ reason, labels, line, service, level string }{
		"service":     {"the label itself", `"service":"s","app":"a"`, "plain", "s", "unknown"},
		"container":   {"after app", `"container":"c"`, "info here", "c", "info"},
		"app first":   {"before container", `"app":"a","container":"c"`, `{"level":"debug"}`, "a", "debug"},
		"job":         {"one of the last", `"job":"j"`, `{"severity":"Fatal"}`, "j", "fatal"},
		"given":       {"it is kept", `"service_name":"given","app":"a"`, "level=warn msg=x", "given", "warn"},
		"unknown":     {"a pod is not a service", `"pod":"p"`, `{"msg":"an error","level":"x"}`, "unknown_service", "error"},
		"first word":  {"of two levels", `"app":"one"`, "info error", "one", "info"},
		"other first": {"of two levels", `"app":"two"`, "debug error", "two", "debug"},
		"capitals":    {"in any case", `"app":"three"`, "CRITICAL: z", "three", "critical"},
		"no level":    {"a number is not a level", `"app":"four"`, `{"level":30}`, "four", "unknown"},
		"short":       {"err means error", `"app":"five"`, `{"level":"err"}`, "five", "error"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tenant := fmt.Sprintf("s%x", name)
			push := fmt.Sprintf(`{"streams":[{"stream":{%s},"values":[["%d000000001",%q]]}]}`, c.labels, now, c.line)
			require.Equal(t, 204, send(t, http.MethodPost, base+"/loki/api/v1/push", tenant, jsonType, push).status)
			got := get(t, base, tenant, "/loki/api/v1/query_range", `query={service_name=~".+"}`).body
			require.Contains(t, got, `"service_name":"`+c.service+`"`, c.reason)
			require.Contains(t, got, `"detected_level":"`+c.level+`"`, c.reason)
		})
	}
}
