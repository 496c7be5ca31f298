// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// exchange is a request and its response: a status, the body or a part of it, values of its JSON.
type exchange struct {
	reason       string
	from, before string
	path         string
	status       int
	is           string
	has          []string
	json         map[string]string
}

func q(text string) string { return url.QueryEscape(text) }

// exchanges are literals of Tempo's documentation (docs/sources/tempo/api_docs) and of what 1.5.0, 2.10.8 and 3.0.3 answered.
var exchanges = map[string]exchange{
	"ready":           {reason: "with a line end", path: "/ready", status: 200, is: "ready\n"},
	"version":         {reason: "the page that every version has", path: "/status/version", status: 200, has: []string{"GET /status/version\ntempo, version "}},
	"build info":      {reason: "JSON", from: "2.3", path: "/api/status/buildinfo", status: 200, has: []string{`"version":"`, `"goVersion":"go`}},
	"no build info":   {reason: "it came with 2.3", before: "2.3", path: "/api/status/buildinfo", status: 404},
	"echo":            {reason: "Grafana asks it for the health of a data source", path: "/api/echo", status: 200, is: "echo\n"},
	"config":          {reason: "what is not a default", path: "/status/config?mode=diff", status: 200, has: []string{"GET /status/config\n---\n", "blocklist_poll: 1s"}},
	"config, streams": {reason: "a key with a value of its own", from: "2.2", path: "/status/config?mode=diff", status: 200, has: []string{"\nstream_over_http_enabled: true\n"}},
	"config, mode":    {reason: "there are two", path: "/status/config?mode=x", status: 500, has: []string{"unknown value for mode query parameter: x"}},
	"services":        {reason: "the parts", path: "/status/services", status: 200, has: []string{"| distributor ", "| querier ", "| query-frontend ", "Running"}},
	"services, 3":     {reason: "others took over", from: "3.0", path: "/status/services", status: 200, has: []string{"| live-store ", "| backend-worker ", "| backend-scheduler "}},
	"gossip":          {reason: "alone there is none", path: "/memberlist", status: 200, is: "This instance doesn't use memberlist."},
	"nothing":         {reason: "no such page", path: "/nosuch", status: 404, has: []string{"404 page not found"}},
	"metrics":         {reason: "for Prometheus", from: "2.0", path: "/metrics", status: 200, has: []string{"tempo_build_info{"}},
	"no flush":        {reason: "the ingester went with 3", from: "3.0", path: "/flush", status: 404},
	"no shutdown":     {reason: "the ingester went with 3", from: "3.0", path: "/shutdown", status: 404},

	"trace, Zipkin":           {reason: "by its ID", path: "/api/traces/" + byZipkin, status: 200, json: map[string]string{"batches|0|resource|attributes|0|value|stringValue": "web"}},
	"trace, OTLP HTTP":        {reason: "by its ID", path: "/api/traces/" + byHTTP, status: 200, json: map[string]string{"batches|0|resource|attributes|0|value|stringValue": "shop"}},
	"trace, OTLP gRPC":        {reason: "by its ID", path: "/api/traces/" + byGRPC, status: 200, json: map[string]string{"batches|0|resource|attributes|0|value|stringValue": "shop"}},
	"trace, fresh":            {reason: "a lookup has no cutoff", path: "/api/traces/" + fresh, status: 200, json: map[string]string{"batches|0|resource|attributes|0|value|stringValue": "late"}},
	"trace without zeros":     {reason: "as a search answers it", path: "/api/traces/" + byZipkin[1:], status: 200, json: map[string]string{"batches|#": "1"}},
	"trace, libraries":        {reason: "as OTLP named them then", before: "2.0", path: "/api/traces/" + byHTTP, status: 200, json: map[string]string{"batches|0|instrumentationLibrarySpans|0|instrumentationLibrary|name": "lab", "batches|0|instrumentationLibrarySpans|0|spans|#": "2"}},
	"trace, scopes":           {reason: "as OTLP names them", from: "2.0", path: "/api/traces/" + byHTTP, status: 200, json: map[string]string{"batches|0|scopeSpans|0|scope|name": "lab", "batches|0|scopeSpans|0|spans|#": "2"}},
	"trace, form":             {reason: "base64, names, text", from: "2.0", path: "/api/traces/" + byZipkin, status: 200, json: map[string]string{"batches|0|scopeSpans|0|spans|0|traceId": "ASNFZ4mrze8BI0VniavN7w==", "batches|0|scopeSpans|0|spans|0|spanId": "ASNFZ4mrze8=", "batches|0|scopeSpans|0|spans|0|kind": "SPAN_KIND_SERVER", "batches|0|scopeSpans|0|spans|0|status|code": "STATUS_CODE_ERROR"}},
	"trace, form of 1.5":      {reason: "base64, names, text", before: "2.0", path: "/api/traces/" + byZipkin, status: 200, json: map[string]string{"batches|0|instrumentationLibrarySpans|0|spans|0|traceId": "ASNFZ4mrze8BI0VniavN7w==", "batches|0|instrumentationLibrarySpans|0|spans|0|kind": "SPAN_KIND_SERVER"}},
	"trace, number":           {reason: "as text", from: "2.0", path: "/api/traces/" + byGRPC, status: 200, has: []string{`"intValue":"200"`}},
	"trace, ingesters":        {reason: "what is not in the store yet", path: "/api/traces/" + byZipkin + "?mode=ingesters", status: 200},
	"trace, wrong mode":       {reason: "there are three", path: "/api/traces/" + byZipkin + "?mode=x", status: 400, is: "invalid value for mode x"},
	"no trace, 1.5":           {reason: "with words", before: "2.5", path: "/api/traces/" + nowhere, status: 404, is: "trace not found"},
	"no trace":                {reason: "without", from: "2.5", path: "/api/traces/" + nowhere, status: 404, is: ""},
	"no ID":                   {reason: "hexadecimal digits", path: "/api/traces/xyz", status: 400, is: "trace IDs can only contain hex characters: invalid character 'x' at position 1"},
	"a long ID":               {reason: "32 of them", path: "/api/traces/" + byZipkin + "0", status: 400, is: "trace IDs can't be larger than 128 bits"},
	"trace, v2":               {reason: "below trace", from: "2.6", path: "/api/v2/traces/" + byHTTP, status: 200, json: map[string]string{"trace|resourceSpans|0|scopeSpans|0|spans|#": "2", "trace|resourceSpans|0|resource|attributes|0|key": "service.name"}},
	"no trace, v2":            {reason: "it is empty then", from: "2.6", path: "/api/v2/traces/" + nowhere, status: 200, json: map[string]string{"trace": "map[]"}},
	"no v2":                   {reason: "it came with 2.6", before: "2.6", path: "/api/v2/traces/" + byHTTP, status: 404},
	"search, tags":            {reason: "by service", path: "/api/search?tags=" + q("service.name=web"), status: 200, json: map[string]string{"traces|#": "1", "traces|0|traceID": byZipkin[1:], "traces|0|rootServiceName": "web", "traces|0|rootTraceName": "vote", "traces|0|durationMs": "1"}},
	"search, quoted":          {reason: "logfmt", path: "/api/search?tags=" + q(`service.name="web" http.method="GET"`), status: 200, json: map[string]string{"traces|#": "1"}},
	"search, other service":   {reason: "none has it", path: "/api/search?tags=" + q("service.name=nosuch"), status: 200, has: []string{`"metrics":{`}},
	"search, part of it":      {reason: "that is enough", path: "/api/search?tags=" + q("service.name=we"), status: 200, json: map[string]string{"traces|#": "1"}},
	"search, limit":           {reason: "of the list", path: "/api/search?limit=1", status: 200, json: map[string]string{"traces|#": "1"}},
	"search, no limit":        {reason: "nothing is asked for", path: "/api/search?limit=0", status: 400, has: []string{"invalid limit: must be a positive number"}},
	"search, twice":           {reason: "a tag has one value", path: "/api/search?tags=" + q("a=1 a=2"), status: 400, has: []string{"invalid tags: tag a has been set twice"}},
	"search, order of times":  {reason: "start comes first", path: "/api/search?start=2&end=1", status: 400, has: []string{"http parameter start must be before end. received start=2 end=1"}},
	"search, no time, 3":      {reason: "a number is due", from: "3.0", path: "/api/search?start=x&end=1", status: 400, has: []string{"invalid start: strconv.ParseUint: parsing \"x\": invalid syntax"}},
	"search, no time":         {reason: "a number is due", before: "3.0", path: "/api/search?start=x&end=1", status: 400, has: []string{"invalid start: strconv.ParseInt: parsing \"x\": invalid syntax"}},
	"search, no duration":     {reason: "a unit is due", path: "/api/search?minDuration=x", status: 400, has: []string{`invalid minDuration: time: invalid duration "x"`}},
	"search, long":            {reason: "two are", path: "/api/search?minDuration=100ms", status: 200, json: map[string]string{"traces|#": "2"}},
	"search, short":           {reason: "the others", path: "/api/search?maxDuration=100ms&tags=" + q("service.name=web"), status: 200, json: map[string]string{"traces|#": "1"}},
	"TraceQL":                 {reason: "by resource", from: "2.0", path: "/api/search?q=" + q(`{ resource.service.name = "web" }`), status: 200, json: map[string]string{"traces|#": "1", "traces|0|spanSet|matched": "1", "traces|0|spanSet|spans|0|spanID": "0123456789abcdef"}},
	"TraceQL, sets":           {reason: "since 2.2", from: "2.2", path: "/api/search?q=" + q(`{ name = "vote" }`), status: 200, json: map[string]string{"traces|0|spanSets|0|matched": "1", "traces|0|spanSets|0|spans|0|durationNanos": "1500000"}},
	"TraceQL, and":            {reason: "both hold", from: "2.0", path: "/api/search?q=" + q(`{ resource.service.name = "shop" && span.step = "pay" }`), status: 200, json: map[string]string{"traces|#": "2", "traces|0|spanSet|matched": "1"}},
	"TraceQL, or":             {reason: "one holds", from: "2.0", path: "/api/search?q=" + q(`{ name = "pay" || name = "vote" }`), status: 200, json: map[string]string{"traces|#": "3"}},
	"TraceQL, number":         {reason: "of an attribute", from: "2.0", path: "/api/search?q=" + q(`{ span.http.status_code >= 200 }`), status: 200, json: map[string]string{"traces|#": "2", "traces|0|spanSet|matched": "2"}},
	"TraceQL, duration":       {reason: "of a span", from: "2.0", path: "/api/search?q=" + q(`{ duration > 200ms }`), status: 200, json: map[string]string{"traces|#": "2"}},
	"TraceQL, status":         {reason: "a word", from: "2.0", path: "/api/search?q=" + q(`{ status = error && resource.service.name = "web" }`), status: 200, json: map[string]string{"traces|#": "1"}},
	"TraceQL, expression":     {reason: "the whole value", from: "2.0", path: "/api/search?q=" + q(`{ .service.name =~ "sh.*" }`), status: 200, json: map[string]string{"traces|#": "2"}},
	"TraceQL, none":           {reason: "an empty list", from: "2.0", path: "/api/search?q=" + q(`{ name = "nosuch" }`), status: 200, json: map[string]string{"traces|#": "0"}},
	"TraceQL, cut off":        {reason: "where and what", from: "2.0", path: "/api/search?q=" + q(`{`), status: 400, has: []string{"invalid TraceQL query: parse error at line 1, col 2: syntax error: unexpected $end"}},
	"TraceQL, no field":       {reason: "a scope is due", from: "2.0", path: "/api/search?q=" + q(`{ nosuch = 1 }`), status: 400, has: []string{"invalid TraceQL query: parse error at line 1, col 3: "}},
	"TraceQL, passed over":    {reason: "1.5 does not know it", before: "2.0", path: "/api/search?q=" + q(`{`), status: 200},
	"fresh is found":          {reason: "at once", from: "2.0", before: "3.0", path: "/api/search?q=" + q(`{ resource.service.name = "late" }`), status: 200, json: map[string]string{"traces|#": "1"}},
	"fresh is left out":       {reason: "query_end_cutoff", from: "3.0", path: "/api/search?q=" + q(`{ resource.service.name = "late" }`), status: 200, json: map[string]string{"traces|#": "0"}},
	"service stats":           {reason: "since 2.5", from: "2.5", path: "/api/search?q=" + q(`{ name = "vote" }`), status: 200, json: map[string]string{"traces|0|serviceStats|web|spanCount": "1", "traces|0|serviceStats|web|errorCount": "1"}},
	"tags":                    {reason: "all", path: "/api/search/tags", status: 200, has: []string{`"tagNames":[`, `"http.method"`, `"service.name"`}},
	"tags, 1.5":               {reason: "and its own", before: "2.0", path: "/api/search/tags", status: 200, has: []string{`"root.service.name"`, `"status.code"`, `"error"`}},
	"values":                  {reason: "of a tag", path: "/api/search/tag/service.name/values", status: 200, has: []string{`"tagValues":["late","shop","web"]`}, before: "2.0"},
	"values, 2":               {reason: "of a tag", path: "/api/search/tag/http.method/values", from: "2.0", status: 200, has: []string{`"tagValues":["GET"]`}},
	"tags, v2":                {reason: "by scope", from: "2.3", path: "/api/v2/search/tags?scope=resource", status: 200, has: []string{`"scopes":[{"name":"resource","tags":["service.name"]}]`}},
	"tags, v2, all":           {reason: "intrinsic ones, too", from: "2.3", path: "/api/v2/search/tags", status: 200, has: []string{`"name":"intrinsic"`, `"name":"span"`, `"rootServiceName"`}},
	"values, v2":              {reason: "with their types", from: "2.0", path: "/api/v2/search/tag/span.http.method/values", status: 200, has: []string{`"type":"string"`, `"value":"GET"`}},
	"no tags, v2":             {reason: "they came with 2.3", before: "2.3", path: "/api/v2/search/tags", status: 404},
	"rate without generators": {reason: "nobody has the spans", from: "2.4", before: "3.0", path: "/api/metrics/query_range?q=" + q(`{} | rate()`) + "&since=5m&step=60s", status: 500, has: []string{"error finding generators", "empty ring"}},
	"rate":                    {reason: "the live store has the spans", from: "3.0", path: "/api/metrics/query_range?q=" + q(`{} | rate()`) + "&since=5m&step=60s", status: 200, has: []string{`"series":[`, `"samples":[`}},
	"rate, by":                {reason: "a series each", from: "3.0", path: "/api/metrics/query_range?q=" + q(`{} | rate() by (resource.service.name)`) + "&since=5m&step=60s", status: 200, has: []string{`"resource.service.name"`, `"web"`, `"shop"`}},
	"rate at once":            {reason: "one value", from: "3.0", path: "/api/metrics/query?q=" + q(`{} | rate()`) + "&since=5m", status: 200, has: []string{`"series":[`, `"value":`}},
	"no rate":                 {reason: "it came with 2.4", before: "2.4", path: "/api/metrics/query_range?q=" + q(`{} | rate()`), status: 404},
	"querier":                 {reason: "answers by itself", path: "/querier/api/search/tags", status: 200, has: []string{`"tagNames":[`}},
}

func TestQueries(t *testing.T) {
	each(t, "", func(t *testing.T, p program) {
		more := ""
		if p.among(t, "2.2", "") {
			more = "stream_over_http_enabled: true\n"
		}
		s := p.start(t, more)
		s.send(t)
		s.searchable(t)
		for name, e := range exchanges {
			if p.among(t, e.from, e.before) {
				t.Run(name, func(t *testing.T) { e.check(t, s) })
			}
		}
		t.Run("protobuf", func(t *testing.T) {
			status, kind, _ := s.get("/api/traces/"+byZipkin, map[string]string{"Accept": "application/protobuf"})
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "application/protobuf", kind)
		})
	})
}

// searchable waits until searches can find the traces.
func (s server) searchable(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _, found := s.get("/api/search?minDuration=100ms", nil)
		other, _, tags := s.get("/api/search?tags="+q("service.name=web"), nil)
		return status == 200 && other == 200 && at(t, found, "traces|#") == "2" && at(t, tags, "traces|#") == "1"
	}, 30*time.Second, 200*time.Millisecond)
}

func (e exchange) check(t *testing.T, s server) {
	t.Helper()
	status, _, body := s.get(e.path, nil)
	require.Equal(t, e.status, status, "%s: %s", e.reason, body)
	if e.is != "" {
		require.Equal(t, e.is, body, e.reason)
	}
	for _, part := range e.has {
		require.Contains(t, body, part, e.reason)
	}
	for path, value := range e.json {
		require.Equal(t, value, at(t, body, path), "%s: %s", e.reason, body)
	}
}
