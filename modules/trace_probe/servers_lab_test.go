// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/testkit"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
	probe "github.com/picluster/tracing/modules/trace_probe"
)

// stack is Tempo 1.5.0 on MinIO and Traefik 3.7 before an application, as
// processes of their own. Loki is a stand-in that reads Traefik's real access
// log; Grafana is the lab's.
type stack struct {
	query, grpc, http, zipkin, traefik string
	log                                string
	app                                *httptest.Server
	loki                               *httptest.Server
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

// program is a built program of the lab.
func program(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("LAB_DIR")
	if folder == "" {
		folder = filepath.Join("..", "..", ".lab")
	}
	path, err := filepath.Abs(filepath.Join(folder, "bin", name))
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "run molecule/lab/servers/tempo/build first")
	return path
}

// free returns addresses on which nothing listens yet.
func free(t *testing.T, count int) []string {
	t.Helper()
	var addresses []string
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// start runs a server until the end of the test.
func start(t *testing.T, name string, env []string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	require.NoError(t, err)
	command := exec.Command(program(t, name), args...)
	command.Env = append(os.Environ(), env...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", name, said[max(0, len(said)-1500):])
		}
	})
}

// answers waits for a success; host is for the server's routes.
func answers(t *testing.T, address, host string) {
	t.Helper()
	require.Eventually(t, func() bool {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
		if err != nil {
			return false
		}
		request.Host = host
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 60*time.Second, 100*time.Millisecond, address)
}

func newStack(t *testing.T, s setting) *stack {
	t.Helper()
	ports := free(t, 6)
	stack := &stack{query: "http://" + ports[0], grpc: ports[1], http: "http://" + ports[2] + "/v1/traces", zipkin: "http://" + ports[3] + "/api/v2/spans", traefik: "http://" + ports[4]}
	stack.startTempo(t, s, ports)
	stack.app = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stack.serve(t, s, r) }))
	t.Cleanup(stack.app.Close)
	stack.startTraefik(t, s, ports[4])
	stack.loki = httptest.NewServer(http.HandlerFunc(stack.serveLoki))
	t.Cleanup(stack.loki.Close)
	if s.actions == nil {
		answers(t, stack.query+"/ready", "")
	}
	answers(t, stack.traefik+"/", "emojivoto.example")
	return stack
}

// startTempo runs all of Tempo in one process, with the lab's MinIO as its store.
func (s *stack) startTempo(t *testing.T, set setting, ports []string) {
	name, key := testkit.Name("probe"), testkit.Secret()
	options := map[string]any{
		"endpoint": testkit.Env(t, "LAB_MINIO_URL"), "access_key": testkit.Env(t, "LAB_MINIO_ROOT_USER"), "secret_key": testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD"),
		"region": "eu-west-1", "bucket": name, "user": name, "user_secret_key": key, "policy": name,
	}
	if set.actions != nil {
		options["policy_document"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Allow", "Action": set.actions, "Resource": []any{"arn:aws:s3:::" + name, "arn:aws:s3:::" + name + "/*"}}}}
	}
	store := testkit.Task{New: func() converge.Runner { return converge.Adapt(bucket.New()) }, Options: options}
	result := store.Apply(t)
	require.False(t, result.Failed(), "%v", result)
	receivers := set.receivers
	if receivers == "" {
		receivers = fmt.Sprintf("{otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}, zipkin: {endpoint: %q}}", ports[1], ports[2], ports[3])
	}
	_, number, _ := net.SplitHostPort(ports[0])
	folder := t.TempDir()
	config := filepath.Join(folder, "tempo.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
search_enabled: %t
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s}
distributor: {receivers: %s}
ingester: {lifecycler: {min_ready_duration: 0s, join_after: 0s}, trace_idle_period: 1s, max_block_duration: 2s, flush_check_period: 1s, complete_block_timeout: 1m}
memberlist: {bind_addr: [127.0.0.1], bind_port: 0}
querier: {frontend_worker: {frontend_address: "127.0.0.1:%s"}}
storage:
  trace:
    backend: s3
    s3: {bucket: %s, endpoint: %q, region: eu-west-1, access_key: %s, secret_key: %s, insecure: true}
    wal: {path: %s/wal}
    blocklist_poll: 1s
usage_report: {reporting_enabled: false}
`, set.search, number, port(ports[5]), receivers, port(ports[5]), name, testkit.Env(t, "LAB_MINIO_ENDPOINT"), name, key, folder), 0o600))
	start(t, "tempo", nil, "-config.file="+config)
}

func port(address string) string {
	_, number, _ := net.SplitHostPort(address)
	return number
}

func (s *stack) startTraefik(t *testing.T, set setting, address string) {
	folder := t.TempDir()
	s.log = filepath.Join(folder, "access.log")
	routes := filepath.Join(folder, "routes.yaml")
	require.NoError(t, os.WriteFile(routes, fmt.Appendf(nil, `
http:
  routers: {app: {rule: "Host(`+"`emojivoto.example`"+`)", service: app, entryPoints: [web]}}
  services: {app: {loadBalancer: {servers: [{url: %q}]}}}
`, s.app.URL), 0o600))
	export := s.http
	if set.export != "" {
		export = set.export
	}
	propagators := "tracecontext,baggage,b3multi"
	if set.propagates != "" {
		propagators = set.propagates
	}
	args := []string{"--entrypoints.web.address=" + address, "--providers.file.filename=" + routes, "--global.checknewversion=false", "--global.sendanonymoususage=false",
		"--tracing.otlp.http.endpoint=" + export, "--accesslog=true", "--accesslog.format=json", "--accesslog.filepath=" + s.log, "--accesslog.fields.headers.defaultmode=drop"}
	if set.headers != "" {
		args = append(args, "--accesslog.fields.defaultmode="+set.headers, "--accesslog.fields.names.RequestHost=keep", "--accesslog.fields.names.RequestPath=keep")
	}
	// The spans leave at once, not after five seconds.
	start(t, "traefik", []string{"OTEL_PROPAGATORS=" + propagators, "OTEL_BSP_SCHEDULE_DELAY=200"}, args...)
}

// serve is an application that speaks B3 and sends its span by Zipkin, as
// emojivoto does with OpenCensus.
func (s *stack) serve(t *testing.T, set setting, r *http.Request) {
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
	answer, err := http.Post(s.zipkin, "application/json", strings.NewReader(string(body)))
	if err == nil {
		_ = answer.Body.Close()
	}
}

// selectors are the parts of LogQL that the stand-in understands.
var selectors = regexp.MustCompile(`^\{app="traefik"\} \| json \| (\w+)="([^"]*)" \| (\w+)=~"([^"]*)"$`)

// serveLoki answers LogQL of the form that the probe writes from the lines of
// the real access log; anything else it refuses.
func (s *stack) serveLoki(out http.ResponseWriter, r *http.Request) {
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
func (s *stack) task() testkit.Task {
	return testkit.Task{New: func() converge.Runner { return converge.Adapt(probe.New()) }, Options: map[string]any{
		"endpoints":   map[string]any{"query": s.query, "otlp_grpc": s.grpc, "otlp_http": s.http, "zipkin": s.zipkin},
		"ingress_url": s.traefik, "ingress_host": "emojivoto.example", "ingress_path": "/api/vote", "services": []any{"web"},
		"loki_url": s.loki.URL, "wait_timeout": "20s",
	}}
}

// grafana makes both data sources in the lab's Grafana and returns the options
// for them.
func (s *stack) grafana(t *testing.T, field map[string]any) map[string]any {
	t.Helper()
	logs, traces := testkit.Name("loki"), testkit.Name("tempo")
	derived := map[string]any{"name": "TraceID", "datasourceUid": traces, "url": "${__value.raw}", "matcherRegex": `"(?:TraceId|trace_id)":"(?!0{32})([0-9a-f]{16,32})"`}
	for key, value := range field {
		derived[key] = value
	}
	s.source(t, map[string]any{"uid": traces, "name": traces, "type": "tempo", "access": "proxy", "url": s.query})
	s.source(t, map[string]any{"uid": logs, "name": logs, "type": "loki", "access": "proxy", "url": s.loki.URL, "jsonData": map[string]any{"derivedFields": []any{derived}}})
	return map[string]any{
		"grafana_url": testkit.Env(t, "LAB_GRAFANA_URL"), "grafana_user": testkit.Env(t, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(t, "LAB_GRAFANA_PASSWORD"),
		"loki_uid": logs, "tempo_uid": traces, "loki_url": nil,
	}
}

func (s *stack) source(t *testing.T, source map[string]any) {
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
