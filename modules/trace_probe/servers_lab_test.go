// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
	probe "github.com/picluster/tracing/modules/trace_probe"
)

// servers are Tempo 1.5.0 on MinIO and Traefik 3.7 before an application, as
// processes of their own. Loki is a stand-in that reads Traefik's real access
// log; Grafana is the lab's.
type servers struct {
	tempo   stack.Tempo
	traefik string
	log     string
	app     *httptest.Server
	loki    *httptest.Server
}

// setting is what a test changes of the stack.
type setting struct {
	receivers  string // of Tempo, YAML of one line
	search     bool
	actions    []any  // the policy of Tempo's user; nil is the least that it needs
	propagates string // OTEL_PROPAGATORS
	export     string // where Traefik sends spans; "" is Tempo
	deaf       bool   // the application does not send spans
	headers    string // the access log's defaults for fields
}

func newStack(t *testing.T, s setting) *servers {
	t.Helper()
	servers := &servers{tempo: stack.StartTempo(t, stack.Config{Store: stack.NewStore(t, s.actions), Receivers: s.receivers, Search: s.search})}
	servers.app = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { servers.serve(t, s, r) }))
	t.Cleanup(servers.app.Close)
	servers.startTraefik(t, s)
	servers.loki = httptest.NewServer(http.HandlerFunc(servers.serveLoki))
	t.Cleanup(servers.loki.Close)
	if s.actions == nil {
		stack.Answers(t, servers.tempo.Query+"/ready", "")
	}
	stack.Answers(t, servers.traefik+"/", "emojivoto.example")
	return servers
}

func (s *servers) startTraefik(t *testing.T, set setting) {
	s.log = filepath.Join(t.TempDir(), "access.log")
	export := s.tempo.HTTP
	if set.export != "" {
		export = set.export
	}
	propagators := "tracecontext,baggage,b3multi"
	if set.propagates != "" {
		propagators = set.propagates
	}
	args := []string{"--tracing.otlp.http.endpoint=" + export, "--accesslog=true", "--accesslog.format=json", "--accesslog.filepath=" + s.log, "--accesslog.fields.headers.defaultmode=drop"}
	if set.headers != "" {
		args = append(args, "--accesslog.fields.defaultmode="+set.headers, "--accesslog.fields.names.RequestHost=keep", "--accesslog.fields.names.RequestPath=keep")
	}
	// The spans leave at once, not after five seconds.
	s.traefik, _ = stack.StartTraefik(t, "emojivoto.example", s.app.URL, []string{"OTEL_PROPAGATORS=" + propagators, "OTEL_BSP_SCHEDULE_DELAY=200"}, args...)
}

// serve is an application that speaks B3 and sends its span by Zipkin, as
// emojivoto does with OpenCensus.
func (s *servers) serve(t *testing.T, set setting, r *http.Request) {
	id, parent := r.Header.Get("X-B3-Traceid"), r.Header.Get("X-B3-Spanid")
	if set.deaf || id == "" {
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

// selectors are the parts of LogQL that the stand-in understands.
var selectors = regexp.MustCompile(`^\{app="traefik"\} \| json \| (\w+)="([^"]*)" \| (\w+)=~"([^"]*)"$`)

// serveLoki answers LogQL of the form that the probe writes from the lines of
// the real access log; anything else it refuses.
func (s *servers) serveLoki(out http.ResponseWriter, r *http.Request) {
	parts := selectors.FindStringSubmatch(r.URL.Query().Get("query"))
	if r.URL.Path != "/loki/api/v1/query_range" || parts == nil {
		http.Error(out, "parse error", http.StatusBadRequest)
		return
	}
	path := regexp.MustCompile("^(?:" + parts[4] + ")$")
	values := [][]string{}
	file, err := os.Open(s.log)
	if err == nil {
		defer file.Close() //nolint:errcheck // it was only read
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var fields map[string]any
			if json.Unmarshal(lines.Bytes(), &fields) == nil && fields[parts[1]] == parts[2] && path.MatchString(fmt.Sprint(fields[parts[3]])) {
				values = append(values, []string{strconv.FormatInt(time.Now().UnixNano(), 10), lines.Text()})
			}
		}
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": []any{map[string]any{"stream": map[string]string{"app": "traefik"}, "values": values}}}})
}

// task proves the stack, with the lab's Grafana where it is asked for.
func (s *servers) task() testkit.Task {
	return testkit.Task{New: func() converge.Runner { return converge.Adapt(probe.New()) }, Options: map[string]any{
		"endpoints":   map[string]any{"query": s.tempo.Query, "otlp_grpc": s.tempo.GRPC, "otlp_http": s.tempo.HTTP, "zipkin": s.tempo.Zipkin},
		"ingress_url": s.traefik, "ingress_host": "emojivoto.example", "ingress_path": "/api/vote", "services": []any{"web"},
		"loki_url": s.loki.URL, "wait_timeout": "20s",
	}}
}

// grafana makes both data sources in the lab's Grafana and returns the options
// for them.
func (s *servers) grafana(t *testing.T, field map[string]any) map[string]any {
	t.Helper()
	logs, traces := testkit.Name("loki"), testkit.Name("tempo")
	derived := map[string]any{"name": "TraceID", "datasourceUid": traces, "url": "${__value.raw}", "matcherRegex": `"(?:TraceId|trace_id)":"(?!0{32})([0-9a-f]{16,32})"`}
	for key, value := range field {
		derived[key] = value
	}
	s.source(t, map[string]any{"uid": traces, "name": traces, "type": "tempo", "access": "proxy", "url": s.tempo.Query})
	s.source(t, map[string]any{"uid": logs, "name": logs, "type": "loki", "access": "proxy", "url": s.loki.URL, "jsonData": map[string]any{"derivedFields": []any{derived}}})
	return map[string]any{
		"grafana_url": testkit.Env(t, "LAB_GRAFANA_URL"), "grafana_user": testkit.Env(t, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(t, "LAB_GRAFANA_PASSWORD"),
		"loki_uid": logs, "tempo_uid": traces, "loki_url": nil,
	}
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
