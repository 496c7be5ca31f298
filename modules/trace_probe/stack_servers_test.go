// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
	probe "github.com/picluster/tracing/modules/trace_probe"
)

// servers are the stand-in for Tempo 1.5.0 on MinIO, Traefik 3.7 in front of an application, and
// Loki 3.7 with Traefik's access log, as processes of their own. Grafana is the lab's stand-in.
type servers struct {
	tempo   stack.Tempo
	loki    stack.Loki
	tenant  string // of the access log in Loki
	traefik string
	metrics string // the uid of the data source with metrics
	app     *httptest.Server
}

// setting is what a test changes in the stack.
type setting struct {
	receivers  string // of Tempo, YAML on one line
	search     bool
	actions    []any             // the policy of Tempo's user; nil is the minimum
	propagates string            // OTEL_PROPAGATORS
	export     string            // where Traefik sends spans; "" is Tempo
	traefik    []string          // more arguments
	silent     bool              // the application does not send spans
	down       bool              // the application does not run
	nested     bool              // the shipper puts the line under "message", as the seed procedure's does
	app        string            // the label app of the log; "" is traefik
	stream     map[string]string // all labels of the log, in place of those with app
	metadata   bool              // the shipper moves the trace ID from the line to structured metadata
	collector  string            // operators of the OpenTelemetry Collector, which is then the shipper
	otlp       bool              // Traefik sends its lines to Loki itself, and writes none without dualOutput
}

func newStack(t *testing.T, loki stack.Loki, s setting) *servers {
	t.Helper()
	servers := &servers{loki: loki, tenant: testkit.Name("logs"), tempo: stack.StartTempo(t, stack.Config{Store: stack.NewStore(t, s.actions), Receivers: s.receivers, Search: s.search})}
	servers.app = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { servers.serve(t, s, r) }))
	t.Cleanup(servers.app.Close)
	servers.startTraefik(t, s)
	if s.actions == nil {
		stack.Answers(t, servers.tempo.Query+"/ready", "")
	}
	stack.Answers(t, loki.URL+"/ready", "")
	stack.Answers(t, servers.traefik+"/", host)
	if s.down {
		servers.app.Close()
	}
	return servers
}

// host is the name that Traefik has a route for.
const host = "emojivoto.example"

func (s *servers) startTraefik(t *testing.T, set setting) {
	log := filepath.Join(t.TempDir(), "access.log")
	args := append([]string{"--tracing.otlp.http.endpoint=" + cmp.Or(set.export, s.tempo.HTTP),
		"--accesslog=true", "--accesslog.format=json", "--accesslog.filepath=" + log, "--accesslog.fields.headers.defaultmode=drop"}, set.traefik...)
	if set.otlp {
		args = append(args, "--experimental.otlpLogs=true", "--accesslog.otlp=true", "--accesslog.otlp.http=true",
			"--accesslog.otlp.http.endpoint="+s.loki.URL+"/otlp/v1/logs", "--accesslog.otlp.http.headers.X-Scope-OrgID="+s.tenant)
	}
	// Spans are sent at once, not after five seconds.
	env := []string{"OTEL_PROPAGATORS=" + cmp.Or(set.propagates, "tracecontext,baggage,b3multi"), "OTEL_BSP_SCHEDULE_DELAY=200"}
	s.traefik, _ = stack.StartTraefik(t, host, s.app.URL, env, args...)
	if set.collector != "" {
		s.loki.Collect(t, log, s.tenant, set.collector)
		return
	}
	shipment := stack.Shipment{Tenant: s.tenant, Labels: map[string]string{"app": cmp.Or(set.app, "traefik"), "namespace": "kube-system", "container": "traefik"}}
	if set.stream != nil {
		shipment.Labels = set.stream
	}
	if set.nested {
		shipment.Dress = func(line []byte) []byte { return fmt.Appendf(nil, `{"stream":"stdout","message":%s}`, line) }
	}
	if set.metadata {
		shipment.Metadata, shipment.Dress = idOf, func(line []byte) []byte { return []byte(pathOf(line)) }
	}
	s.loki.Ship(t, log, shipment)
}

// idOf and pathOf are what a shipper that parses Traefik's lines keeps from them.
func idOf(line []byte) map[string]string {
	return map[string]string{"trace_id": field(line, "TraceId")}
}

func pathOf(line []byte) string { return "GET " + field(line, "RequestPath") }

func field(line []byte, name string) string {
	var fields map[string]any
	_ = json.Unmarshal(line, &fields)
	text, _ := fields[name].(string)
	return text
}

// serve is an application that speaks B3 and sends its span by Zipkin, as
// emojivoto does with OpenCensus.
func (s *servers) serve(t *testing.T, set setting, r *http.Request) {
	id, parent := r.Header.Get("X-B3-Traceid"), r.Header.Get("X-B3-Spanid")
	if set.silent || id == "" {
		return
	}
	body, err := json.Marshal([]map[string]any{{"traceId": id, "id": fmt.Sprintf("%016x", time.Now().UnixNano()), "parentId": parent, "name": r.URL.Path, "kind": "SERVER",
		"timestamp": time.Now().UnixMicro(), "duration": 1000, "localEndpoint": map[string]any{"serviceName": "web"}}})
	if err != nil {
		t.Error(err)
		return
	}
	answer, err := http.Post(s.tempo.Zipkin, "application/json", strings.NewReader(string(body)))
	if err == nil {
		_ = answer.Body.Close()
	}
}

// task proves the stack.
func (s *servers) task() testkit.Task {
	return testkit.Task{New: probe.New, Options: map[string]any{
		"endpoints":   map[string]any{"query": s.tempo.Query, "otlp_grpc": s.tempo.GRPC, "otlp_http": s.tempo.HTTP, "zipkin": s.tempo.Zipkin},
		"ingress_url": s.traefik, "ingress_host": host, "ingress_path": "/api/vote", "services": []any{"web"},
		"loki_url": s.loki.URL, "loki_tenant": s.tenant, "wait_timeout": "20s",
	}}
}

// links is what a test changes in Grafana's data sources.
type links struct {
	field        map[string]any // of the derived field
	query        string         // of the link from a span; "" is for the seed's label
	traces, logs string         // URLs; "" are Tempo and Loki
}

// grafana creates both data sources in the lab's Grafana and returns the
// options for them.
func (s *servers) grafana(t *testing.T, change links) map[string]any {
	t.Helper()
	logs, traces := testkit.Name("loki"), testkit.Name("tempo")
	derived := map[string]any{"name": "TraceID", "datasourceUid": traces, "url": "${__value.raw}", "matcherRegex": `"(?:TraceId|trace_id)":"(?!0{32})([0-9a-f]{16,32})"`}
	maps.Copy(derived, change.field)
	s.source(t, map[string]any{"uid": traces, "name": traces, "type": "tempo", "access": "proxy", "url": cmp.Or(change.traces, s.tempo.Query),
		"jsonData": map[string]any{"tracesToLogsV2": map[string]any{"datasourceUid": logs, "customQuery": true, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m",
			"query": cmp.Or(change.query, `{app="traefik"} |= "${__trace.traceId}"`)}}})
	s.source(t, map[string]any{"uid": logs, "name": logs, "type": "loki", "access": "proxy", "url": cmp.Or(change.logs, s.loki.URL),
		"jsonData":       map[string]any{"derivedFields": []any{derived}, "httpHeaderName1": "X-Scope-OrgID"},
		"secureJsonData": map[string]any{"httpHeaderValue1": s.tenant}})
	return map[string]any{
		"grafana_url": testkit.Env(t, "LAB_GRAFANA_URL"), "grafana_user": testkit.Env(t, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(t, "LAB_GRAFANA_PASSWORD"),
		"loki_uid": logs, "tempo_uid": traces, "loki_url": nil, "loki_tenant": nil,
	}
}

// changed is a task with other data sources and options; names of endpoints are
// set in those.
func (s *servers) changed(t *testing.T, change links, options map[string]any) testkit.Task {
	t.Helper()
	task := s.task().With(s.grafana(t, change)).With(map[string]any{"wait_timeout": "10s"})
	endpoints := maps.Clone(task.Options["endpoints"].(map[string]any))
	for name, value := range options {
		if _, ok := endpoints[name]; ok {
			endpoints[name] = value
			continue
		}
		task = task.With(map[string]any{name: value})
	}
	return task.With(map[string]any{"endpoints": endpoints})
}

// hostOf is host:port of a URL.
func hostOf(address string) string {
	parsed, _ := url.Parse(address)
	return parsed.Host
}

func (s *servers) source(t *testing.T, source map[string]any) {
	t.Helper()
	call := func(method, path string, body string) int {
		request, err := http.NewRequestWithContext(context.Background(), method, testkit.Env(t, "LAB_GRAFANA_URL")+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.SetBasicAuth(testkit.Env(t, "LAB_GRAFANA_USER"), testkit.Env(t, "LAB_GRAFANA_PASSWORD"))
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	body, err := json.Marshal(source)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, call(http.MethodPost, "/api/datasources", string(body)))
	t.Cleanup(func() { call(http.MethodDelete, "/api/datasources/uid/"+source["uid"].(string), "") })
}
