// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// statuses maps the hops of a result to their statuses.
func statuses(t *testing.T, result map[string]any) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, item := range result["hops"].([]any) {
		hop := item.(map[string]any)
		found[hop["name"].(string)] = hop["status"].(string)
	}
	return found
}

// waited is less than any timeout of a test that a run would wait for in vain, and more than a busy machine needs.
const waited = 40 * time.Second

func TestEveryHopPasses(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	begin := time.Now()
	result := testkit.Unchanged(t, world.task().Apply(t))
	require.Less(t, time.Since(begin), waited, "it does not wait if there is nothing to wait for")
	require.Equal(t, map[string]string{
		"query": "passed", "otlp_grpc": "passed", "otlp_http": "passed", "zipkin": "passed", "search": "passed", "ingress": "passed",
		"traefik": "passed", "application": "passed", "access_log": "passed", "derived_field": "passed", "grafana": "passed", "span_logs": "passed",
	}, statuses(t, result))
	require.Equal(t, map[string]any{"tempo": "2.4.1", "grafana": "11.2.0", "loki": "3.1.0"}, result["versions"])
	require.Equal(t, []any{"traefik", "web"}, result["trace"].(map[string]any)["services"])
	require.Len(t, result["waterfall"], 2)
}

// Each hop is broken in turn; the probe names it, and the cause.
func TestBrokenHopIsNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		faults broken
		change map[string]any
		hop    string
		cause  string
	}{
		"query port wrong":       {"nothing listens", broken{}, map[string]any{"query": "http://127.0.0.1:1"}, "query", "cannot be reached"},
		"query is another":       {"some other server", broken{}, map[string]any{"query": "LOKI"}, "query", "not ready, or is not Tempo"},
		"query not ready":        {"no querier", broken{notReady: true}, nil, "query", "not ready, or is not Tempo"},
		"grpc receiver off":      {"nothing listens", broken{}, map[string]any{"otlp_grpc": "127.0.0.1:1"}, "otlp_grpc", "nothing listens"},
		"grpc port is http":      {"the port of another protocol", broken{}, map[string]any{"otlp_grpc": "OTLP"}, "otlp_grpc", "is not this receiver"},
		"http receiver off":      {"nothing listens", broken{}, map[string]any{"otlp_http": "http://127.0.0.1:1/v1/traces"}, "otlp_http", "nothing listens"},
		"http port wrong":        {"Zipkin's port", broken{}, map[string]any{"otlp_http": "ZIPKIN/v1/traces"}, "otlp_http", "is not this receiver"},
		"zipkin receiver off":    {"the Service shows it all the same", broken{}, map[string]any{"zipkin": "http://127.0.0.1:1/api/v2/spans"}, "zipkin", "nothing listens"},
		"spans are lost":         {"no ingesters", broken{loses: true}, nil, "otlp_grpc", "no query finds it"},
		"store refuses":          {"the policy is wrong", broken{lookup: http.StatusInternalServerError}, map[string]any{"receivers": []any{"otlp_grpc"}}, "otlp_grpc", "AccessDenied"},
		"search is blind":        {"recent data is left out", broken{blindSearch: true}, nil, "search", "found by its ID, but not by a search"},
		"traefik away":           {"wrong address", broken{}, map[string]any{"ingress_url": "http://127.0.0.1:1"}, "ingress", "Traefik cannot be reached"},
		"no route":               {"wrong host", broken{noRoute: true}, nil, "ingress", "no route"},
		"no generator":           {"Tempo before 3 on its own", broken{version: "2.10.8", metrics: "error finding generators in Querier.queryRangeRecent: empty ring"}, nil, "metrics", "no metrics generator answers"},
		"metrics fail":           {"another fault", broken{version: "3.0.3", metrics: "internal error"}, nil, "metrics", "fails to answer {} | rate()"},
		"no back end":            {"the application is down", broken{noBackend: true}, nil, "ingress", "no pod behind it"},
		"traefik does not trace": {"values silently dropped", broken{untraced: true}, nil, "traefik", "sent no span"},
		"b3 is not read":         {"v3 without OTEL_PROPAGATORS", broken{ownID: true}, nil, "traefik", "does not read B3"},
		"another service name":   {"tracing.serviceName", broken{renamed: true}, nil, "traefik", "under its usual name"},
		"no propagation":         {"the application gets no headers", broken{noHeaders: true}, nil, "application", "gets no trace headers"},
		"no log line":            {"Traefik's own log alone", broken{noLog: true, ownLog: true}, nil, "access_log", "no line of this request"},
		"no id in the log":       {"Traefik 3.3.0", broken{noIDInLog: true}, nil, "access_log", "has no trace ID"},
		"loki refuses":           {"bad LogQL", broken{lokiSays: http.StatusBadRequest}, nil, "access_log", "refuses the query"},
		"no derived field":       {"the role was not run", broken{noField: true}, nil, "derived_field", "no derived field"},
		"expression wrong":       {"the seed's, on Traefik v3", broken{field: map[string]any{"matcherRegex": `"request_X-B3-Traceid":"(\w+)"`}}, nil, "derived_field", "does not match"},
		"expression greedy":      {"another value", broken{field: map[string]any{"matcherRegex": `"RequestHost":"([^"]+)"`}}, nil, "derived_field", "finds something else"},
		"expression broken":      {"not even valid", broken{field: map[string]any{"matcherRegex": `"(`}}, nil, "derived_field", "does not match"},
		"field's uid wrong":      {"the name instead of the uid", broken{field: map[string]any{"datasourceUid": "Tempo"}}, nil, "derived_field", "leads to another"},
		"dollar twice":           {"escaped as in a file, but sent to the API", broken{field: map[string]any{"url": "$${__value.raw}"}}, nil, "derived_field", "passes no value"},
		"loki's uid wrong":       {"no such data source", broken{noLogs: true}, nil, "access_log", "no data source with the logs"},
		"loki's uid is wrong":    {"and Loki is queried directly", broken{noLogs: true}, map[string]any{"loki_url": "LOKI"}, "derived_field", "no data source with the logs"},
		"tempo's uid wrong":      {"no such data source", broken{noTraces: true}, nil, "grafana", "no data source with the traces"},
		"dead data source":       {"port 3100 after an upgrade", broken{deadURL: true}, nil, "grafana", "cannot reach Tempo"},
		"Tempo's tenants":        {"the data source has no header", broken{tempoTenants: true}, nil, "grafana", "this Tempo has tenants"},
		"another tempo":          {"the data source of another cluster", broken{otherTempo: true}, nil, "grafana", "does not have the trace"},
		"tenants":                {"the request names none", broken{lokiSays: http.StatusUnauthorized}, map[string]any{"loki_url": "LOKI"}, "access_log", "the request names none"},
		"tenants, by Grafana":    {"its data source has no header", broken{lokiSays: http.StatusUnauthorized, lokiWords: "no org id"}, nil, "access_log", "the request names none"},
		"tenants, as it says":    {"Grafana's own message", broken{lokiSays: http.StatusBadRequest, lokiWords: "Authentication to data source failed"}, nil, "access_log", "the request names none"},
		"an empty Loki":          {"another tenant's Loki", broken{noLog: true}, nil, "access_log", "another tenant is asked"},
		"no shipper":             {"only lines of other programs", broken{noLog: true, others: true}, nil, "access_log", "no shipper reads it"},
		"streams not listed":     {"forbidden by a proxy in front of Loki", broken{noLog: true, noSeries: true}, nil, "access_log", "no line of this request"},
		"format common":          {"no field for the ID", broken{common: true}, nil, "access_log", "in the format common"},
		"common, elsewhere":      {"found by a search", broken{common: true, stream: map[string]string{"job": "kube-system/traefik"}}, nil, "access_log", "in the format common"},
		"by OTLP alone":          {"which silences standard output", broken{noLog: true, others: true, args: []string{"--accesslog=true", "--accesslog.otlp.http.endpoint=http://c:4318/v1/logs"}}, inCluster(), "access_log", "without dualOutput writes none"},
		"into a file":            {"no log agent reads it", broken{noLog: true, ownLog: true, args: []string{"--accesslog=true", "--accesslog.filepath=/data/access.log"}}, inCluster(), "access_log", "writes its access log to a file"},
		"a file in a DaemonSet":  {"its arguments are read too", broken{noLog: true, ownLog: true, daemons: true, args: []string{"--accesslog=true", "--accesslog.filepath=/data/access.log"}}, inCluster(), "access_log", "writes its access log to a file"},
		"a file that is printed": {"printed by a sidecar, which is not shipped", broken{noLog: true, others: true, sidecar: true, args: []string{"--accesslog=true", "--accesslog.filepath=/data/access.log"}}, inCluster(), "access_log", "no shipper reads it"},
		"off, by a sidecar":      {"only Traefik's own container counts", broken{noLog: true, ownLog: true, sidecar: true, args: []string{"--ping=true"}}, inCluster(), "access_log", "Traefik writes no access log"},
		"no access log":          {"it is off by default", broken{noLog: true, ownLog: true, args: []string{"--ping=true"}}, inCluster(), "access_log", "Traefik writes no access log"},
		"filtered":               {"only slow requests", broken{noLog: true, ownLog: true, args: []string{"--accesslog=true", "--accesslog.filters.minduration=1s"}}, inCluster(), "access_log", "leaves some requests out"},
		"the field is dropped":   {"by its mode", broken{noIDInLog: true, args: []string{"--accesslog=true", "--accesslog.fields.names.TraceId=drop"}}, inCluster(), "access_log", "drops the field"},
		"Traefik 3.1":            {"it logs none", broken{noIDInLog: true, args: []string{"--accesslog=true"}, image: "traefik:v3.1.4"}, inCluster(), "access_log", "this version of Traefik"},
		"no span either":         {"not sampled", broken{noIDInLog: true, untraced: true}, nil, "traefik", "sent no span"},
		"not shipped by app":     {"the link knows the seed's label", broken{stream: map[string]string{"service_name": "traefik"}}, nil, "span_logs", "finds no line"},
		"ID in metadata":         {"the expression looks into the line", broken{metadata: "trace_id"}, nil, "derived_field", "under another name"},
		"no such label":          {"another name", broken{metadata: "trace_id", field: map[string]any{"matcherType": "label", "matcherRegex": "traceID"}}, nil, "derived_field", "a label that the line does not have"},
		"Grafana too old":        {"10.2 does not support label fields", broken{grafana: "10.2.3", metadata: "trace_id", field: map[string]any{"matcherType": "label", "matcherRegex": "trace_id"}}, nil, "derived_field", "does not know derived fields by label"},
		"pattern of labels":      {"11.4 supports only names", broken{grafana: "11.4.0", metadata: "trace_id", field: map[string]any{"matcherType": "label", "matcherRegex": "trace.*"}}, nil, "derived_field", "a label that the line does not have"},
		"label of another":       {"the label exists and is not the ID", broken{field: map[string]any{"matcherType": "label", "matcherRegex": "app"}}, nil, "derived_field", "finds something else"},
		"no group":               {"Grafana uses only the first group", broken{field: map[string]any{"matcherRegex": `[0-9a-f]{32}`}}, nil, "derived_field", "does not match"},
		"a field before it":      {"with the same name", broken{before: map[string]any{"name": "TraceID", "matcherRegex": "x(y)", "url": "http://x"}}, nil, "derived_field", "of the same name comes first"},
		"link's source":          {"no such data source", broken{link: map[string]any{"datasourceUid": "nowhere"}}, nil, "span_logs", "a data source that Grafana does not have"},
		"link's variable":        {"no span has the variable", broken{link: map[string]any{"query": `{app="${__span.tags.app}"}`}}, nil, "span_logs", "shows no link"},
		"link's tags":            {"Grafana's own query, of tags that the span has not", broken{link: map[string]any{"customQuery": false}}, nil, "span_logs", "finds no line"},
		"link's LogQL":           {"a word is misspelt", broken{link: map[string]any{"query": `{app="traefik"} | jsn`}}, nil, "span_logs", "refuses the query of the link"},
		"link's selector":        {"another program", broken{link: map[string]any{"query": `{app="web"} |= "${__trace.traceId}"`}}, nil, "span_logs", "finds no line"},
		"link's time":            {"before the line", broken{link: map[string]any{"spanEndTimeShift": "-1m"}}, nil, "span_logs", "finds no line"},
		"link without the trace": {"it matches any line", broken{others: true, link: map[string]any{"query": `{app="web"}`}}, nil, "span_logs", "lines of other requests alone"},
		"login to loki refused":  {"wrong password", broken{login: true}, nil, "access_log", "Loki is asked through it"},
		"login refused":          {"wrong password", broken{login: true}, map[string]any{"loki_uid": nil}, "grafana", "refuses the login"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, test.faults)
			result := hastily(t, world.with(test.change), test.hop)
			message := testkit.Failed(t, result)
			require.Contains(t, message, "hop "+test.hop+" (", test.reason)
			require.NotEqual(t, "internal", result["kind"], "a failing hop is not an internal error")
			require.Contains(t, result["hint"], test.cause, test.reason)
			require.Equal(t, "failed", statuses(t, result)[test.hop])
			require.Equal(t, false, result["changed"])
		})
	}
}

// with changes endpoints and options; a name in capitals is another server.
func (w *world) with(change map[string]any) testkit.Task {
	task := w.task()
	endpoints := map[string]any{}
	for key, value := range task.Options["endpoints"].(map[string]any) {
		endpoints[key] = value
	}
	for key, value := range change {
		if text, isText := value.(string); isText {
			text = strings.NewReplacer("KUBE", w.kube.URL, "LOKI", w.loki.URL, "OTLP", strings.TrimPrefix(w.otlp.URL, "http://"), "ZIPKIN", w.zipkin.URL).Replace(text)
			value = text
		}
		if _, isEndpoint := endpoints[key]; isEndpoint {
			endpoints[key] = value
			continue
		}
		task = task.With(map[string]any{key: value})
	}
	return task.With(map[string]any{"endpoints": endpoints})
}

func TestCheckOnlyReads(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	result := testkit.Unchanged(t, world.task().Check(t))
	require.Empty(t, world.spans, "no span was sent")
	require.Empty(t, world.lines, "no request went through Traefik")
	require.Equal(t, []any{}, result["hops"])
	require.Equal(t, world.tempo.URL, result["endpoints"].(map[string]any)["query"])
}

func TestCheckBeforeTempoExists(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	result := testkit.Unchanged(t, world.with(map[string]any{"query": "http://127.0.0.1:1"}).Check(t))
	require.Contains(t, result["warnings"].([]any)[0], "hop query: ask Tempo whether it is ready: ")
}

func TestSlowTempoIsPolledWithBackoff(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{delay: 2 * time.Second})
	task := world.task().With(map[string]any{"wait_timeout": "10s", "receivers": []any{"zipkin"}, "ingress_host": nil, "ingress_url": nil, "services": nil, "grafana_url": nil, "loki_uid": nil})
	testkit.Unchanged(t, task.Apply(t))
	require.LessOrEqual(t, world.asked, 8, "0, 0.1, 0.3, 0.7, 1.5, 3.1 s")
}

func TestTimeLimitIsObserved(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{loses: true})
	begin := time.Now()
	result := world.task().With(map[string]any{"wait_timeout": "1h", "timeout": "3s"}).Apply(t)
	require.Contains(t, testkit.Failed(t, result), "timeout: hop otlp_grpc")
	require.Less(t, time.Since(begin), waited)
}

func TestDisabledSearchIsNotAnError(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{noSearch: true})
	result := testkit.Unchanged(t, world.task().Apply(t))
	require.Equal(t, "absent", statuses(t, result)["search"])
}

func TestReportIsWrittenEvenIfAHopFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.html")
	world := newWorld(t, broken{noHeaders: true})
	testkit.Failed(t, hastily(t, world.task().With(map[string]any{"report": file}), "application"))
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, part := range []string{"the trace is lost at: spans of the application", `<li class="failed">`, "gets no trace headers", `class="bar c0"`, "Tempo <b>2.4.1</b>"} {
		require.Contains(t, string(page), part)
	}
	for _, outside := range []string{"http://cdn", "https://", "<script", "@import", "url("} {
		require.NotContains(t, string(page), outside)
	}
	require.NotContains(t, string(page), testkit.Canary)
}

// Everybody may read the page, and servers repeat what they were sent.
func TestAServerThatRepeatsASecretIsQuotedWithoutIt(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.html")
	login := base64.StdEncoding.EncodeToString([]byte("admin:" + testkit.Canary + "password"))
	words := `{"message":"no: Authorization: Basic ` + login + `, password=` + testkit.Canary + `password"}`
	world := newWorld(t, broken{lokiSays: http.StatusBadRequest, lokiWords: words})
	testkit.Failed(t, hastily(t, world.task().With(map[string]any{"report": file}), "access_log"))
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(page), ", password="+secret.Placeholder)
	require.NotContains(t, string(page), testkit.Canary)
	require.NotContains(t, string(page), login[len(login)-16:])
}

// The trace of an answer that is not a page is complete, and the proof passes;
// the page is not green.
func TestErrorPageLeavesADoubt(t *testing.T) {
	t.Parallel()
	const doubt = "the application answered 404 Not Found: choose an ingress_path that it has (verify_ingress_path in the role), so that the request goes all the way"
	file := filepath.Join(t.TempDir(), "report.html")
	world := newWorld(t, broken{noPage: true})
	result := testkit.Unchanged(t, world.task().With(map[string]any{"report": file, "cluster_name": "attic"}).Apply(t))
	require.Equal(t, "passed", statuses(t, result)["ingress"])
	for _, hop := range result["hops"].([]any) {
		require.Equal(t, hop.(map[string]any)["name"] == "ingress", hop.(map[string]any)["doubt"] == doubt, "%v", hop)
	}
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, part := range []string{`<header class="verdict doubtful">`, `<li class="doubtful">`, doubt, "Cluster <b>attic</b>", "<title>Tracing on attic: every hop passed, one with a doubt</title>"} {
		require.Contains(t, string(page), part)
	}
}

// The page links to the trace in Grafana, if people can reach that.
func TestPageLinksToGrafana(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.html")
	world := newWorld(t, broken{})
	result := testkit.Unchanged(t, world.task().With(map[string]any{"report": file, "org_id": 7}).Apply(t))
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(page), `<header class="verdict passed">`)
	link := regexp.MustCompile(`<a href="([^"]+)"[^>]*>Open in Grafana</a>`).FindStringSubmatch(string(page))
	require.NotNil(t, link, string(page))
	address, err := url.Parse(html.UnescapeString(link[1]))
	require.NoError(t, err)
	require.Equal(t, world.grafana.URL, address.Scheme+"://"+address.Host)
	require.Equal(t, "/explore", address.Path)
	require.Equal(t, "7", address.Query().Get("orgId"))
	require.Contains(t, address.Query().Get("left"), `"uid":"tempo"`)
	require.Contains(t, address.Query().Get("left"), `"query":"`+result["trace"].(map[string]any)["id"].(string)+`"`)
}

// Each server says a few times that it is still starting, as Tempo does for 15
// seconds: a run waits for it, and check mode only reports it.
func TestServersThatAreStillStarting(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{starts: 3})
	checked := testkit.Unchanged(t, world.task().Check(t))
	require.Contains(t, checked["warnings"].([]any)[0], "hop query: ask Tempo whether it is ready: 503 Service Unavailable: Ingester not ready: waiting for 15s after being ready")
	require.Equal(t, 1, world.looks["tempo"], "a check does not wait")
	world.looks = map[string]int{}
	result := testkit.Unchanged(t, world.task().Apply(t))
	for hop, status := range statuses(t, result) {
		require.Equal(t, "passed", status, hop)
	}
	require.Equal(t, "2.4.1", result["versions"].(map[string]any)["tempo"])
	for _, server := range []string{"tempo", "grpc", "otlp", "zipkin", "loki"} {
		require.GreaterOrEqual(t, world.looks[server], 4, server)
	}
}

// What never changes ends with the server's own words, after the task's
// timeout.
func TestServersThatNeverStart(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{starts: 1 << 20})
	result := world.task().With(hasty).Apply(t)
	require.Contains(t, testkit.Failed(t, result), "hop query (Tempo's query frontend) lost the trace: after 1s: ask Tempo whether it is ready: 503 Service Unavailable: Ingester not ready: waiting for 15s after being ready")
	require.Contains(t, result["hint"], "not ready, or is not Tempo")
}

// A cluster that cannot be opened fails the hop in it, and no other.
func TestLokiInAnUnreachableCluster(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	result := hastily(t, world.task().With(map[string]any{"loki_url": "http://loki.logging.svc:3100", "kubeconfig": filepath.Join(t.TempDir(), "none")}), "access_log")
	require.Contains(t, testkit.Failed(t, result), "hop access_log (access log in Loki) lost the trace: ")
	require.Equal(t, "passed", statuses(t, result)["application"])
}

// People write endpoints as they know them from one protocol or the other.
func TestEndpointsAreCompleted(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		write  func(url string) string
	}{
		"without a path": {"the protocol has one", func(url string) string { return url }},
		"with a slash":   {"that is no path", func(url string) string { return url + "/" }},
		"host:port":      {"as for gRPC", func(url string) string { return strings.TrimPrefix(url, "http://") }},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, broken{})
			given := map[string]any{"query": test.write(world.tempo.URL), "otlp_grpc": test.write(world.grpc.URL), "otlp_http": test.write(world.otlp.URL), "zipkin": test.write(world.zipkin.URL)}
			result := testkit.Unchanged(t, world.with(given).Apply(t))
			for hop, status := range statuses(t, result) {
				require.Equal(t, "passed", status, "%s: %s", hop, test.reason)
			}
			endpoints := result["endpoints"].(map[string]any)
			require.Equal(t, world.otlp.URL+"/v1/traces", endpoints["otlp_http"])
			require.Equal(t, world.zipkin.URL+"/api/v2/spans", endpoints["zipkin"])
		})
	}
}

// The task runs as root, and anybody may write to the folder: the target of the
// link stays, and nothing is sent before that is known.
func TestReportFollowsNoLink(t *testing.T) {
	t.Parallel()
	precious := filepath.Join(t.TempDir(), "precious")
	open := t.TempDir()
	require.NoError(t, os.WriteFile(precious, []byte("precious"), 0o600))
	require.NoError(t, os.Chmod(open, 0o777))
	require.NoError(t, os.Symlink(precious, filepath.Join(open, "r.html")))
	require.NoError(t, os.Symlink(filepath.Dir(precious), filepath.Join(open, "sub")))
	world := newWorld(t, broken{})
	for file, want := range map[string]string{
		"r.html":       "denied: look at the file for the report: " + open + "/r.html is a link, not a regular file",
		"sub/new.html": "denied: look at the file for the report: " + open + "/sub goes through the link sub, which other users can change",
		"sub":          "denied: look at the file for the report: " + open + "/sub is a link, not a regular file",
	} {
		task := world.task().With(map[string]any{"report": filepath.Join(open, file)})
		require.Equal(t, want, testkit.Failed(t, task.Check(t)))
		require.Equal(t, want, testkit.Failed(t, task.Apply(t)))
	}
	require.Zero(t, world.looks["tempo"], "refused before anything is contacted")
	data, err := os.ReadFile(precious)
	require.NoError(t, err)
	require.Equal(t, "precious", string(data))
	require.NoFileExists(t, filepath.Join(filepath.Dir(precious), "new.html"))
}

func TestUnwritableReportDoesNotHideTheHop(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "r.html")
	result := hastily(t, newWorld(t, broken{noHeaders: true}).task().With(map[string]any{"report": path}), "application")
	require.Contains(t, testkit.Failed(t, result), "hop application (spans of the application) lost the trace: ")
	require.Contains(t, result["msg"], "; also failed: write the report: open "+filepath.Dir(path)+": file does not exist")
	require.Contains(t, result["hint"], "gets no trace headers")
	require.NotContains(t, result, "report")
}

func TestTempoWithoutAKnownReceiverIsAnError(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	task := world.task().With(map[string]any{"endpoints": map[string]any{"query": world.tempo.URL}, "ingress_host": nil, "ingress_url": nil, "services": nil, "grafana_url": nil, "loki_uid": nil})
	testkit.Unchanged(t, task.Check(t))
	require.Contains(t, testkit.Failed(t, task.Apply(t)), "not_found: find a receiver to send a trace to")
}

func TestBadEndpoints(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, name, given, want string }{
		"a login":        {"endpoints are shown in the result", "otlp_http", "http://u:" + testkit.Canary + "@10.0.0.11:4318", "endpoints is wrong for otlp_http: it must not hold a login"},
		"another scheme": {"no client knows it", "otlp_grpc", "grpc://10.0.0.11:4317", "endpoints is wrong for otlp_grpc: it must be host:port such as 10.0.0.11:4317"},
		"nothing":        {"there is no host", "zipkin", "", "endpoints has no address for zipkin"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			message := testkit.Failed(t, newWorld(t, broken{}).with(map[string]any{test.name: test.given}).Check(t))
			require.Contains(t, message, test.want, test.reason)
			require.NotContains(t, message, testkit.Canary)
		})
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{})
	result := world.task().With(map[string]any{"receivers": []any{"zipkn"}, "ingress_url": "traefik", "reprot": "x"}).Apply(t)
	message := testkit.Failed(t, result)
	for _, part := range []string{"usage: options: 3 problems", "(did you mean zipkin?)", "ingress_url must be a URL", "unknown option reprot (did you mean report?)"} {
		require.Contains(t, message, part)
	}
}
