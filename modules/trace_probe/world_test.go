// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
	probe "github.com/picluster/tracing/modules/trace_probe"
)

// world is a stand-in for Tempo, Traefik, Loki and Grafana in one process: each
// accepts only what the real one accepts, and each can be broken separately.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	looks   map[string]int    // how often each server was called while it starts
	spans   map[string][]span // by trace id
	lines   []line
	queries []string // to Loki
	asked   int
	broken  broken

	tempo, grpc, otlp, zipkin, traefik, loki, grafana, kube *httptest.Server
}

// span is what the stand-in stores of a span.
type span struct {
	id, parent, service, name string
	tags                      map[string]string
	at                        time.Time
}

// broken are the faults of a world. Its zero value works.
type broken struct {
	delay        time.Duration // until a trace can be found
	loses        bool          // accepted spans are thrown away
	lookup       int           // the status of every lookup
	notReady     bool
	starts       int // that many requests find Tempo, each receiver and Loki still starting
	noSearch     bool
	blindSearch  bool
	version      string // Tempo's, in place of 2.4.1
	metrics      string // what it answers in place of TraceQL metrics
	noRoute      bool
	noBackend    bool
	noPage       bool // the application answers 404
	untraced     bool // Traefik sends no spans
	ownID        bool // Traefik does not read B3
	renamed      bool // Traefik's spans have another service name
	noHeaders    bool // the application gets no headers
	wordy        bool // its spans have long names
	noLog        bool
	ownLog       bool // Traefik's other log is shipped
	noIDInLog    bool
	common       bool              // the access log's other format
	stream       map[string]string // the shipper's labels, in place of app="traefik"
	metadata     string            // structured metadata with the ID, which is then not in the line
	others       bool              // other programs have lines, too
	lokiSays     int
	lokiWords    string
	noSeries     bool           // Loki does not list its streams
	link         map[string]any // in place of tracesToLogsV2, or parts of it
	noLink       bool
	readOnly     bool           // the data sources come from a file
	kept         map[string]any // the link that the data source keeps
	before       map[string]any // a derived field before the right one
	grafana      string         // its version, in place of 11.2.0
	args         []string       // Traefik's, in its Deployment
	daemons      bool           // a DaemonSet runs Traefik
	sidecar      bool           // a container before Traefik's prints its file
	image        string         // and its image there
	field        map[string]any // in place of the derived field
	noField      bool
	noLogs       bool // Grafana has no Loki
	noTraces     bool // Grafana has no Tempo
	deadURL      bool
	otherTempo   bool
	tempoTenants bool // and Grafana's data source names none
	login        bool
	graph        *graph // what there is of metrics; nil is nothing
}

func newWorld(t *testing.T, faults broken) *world {
	w := &world{t: t, spans: map[string][]span{}, looks: map[string]int{}, broken: faults}
	start := func(handler http.HandlerFunc) *httptest.Server {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server
	}
	w.tempo, w.otlp, w.zipkin = start(w.serveTempo), start(w.serveOTLP), start(w.serveZipkin)
	w.traefik, w.loki, w.grafana = start(w.serveTraefik), start(w.serveLoki), start(w.serveGrafana)
	w.kube = start(w.serveKube)
	w.grpc = httptest.NewUnstartedServer(http.HandlerFunc(w.serveGRPC))
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	w.grpc.Config.Protocols = &protocols
	w.grpc.Start()
	t.Cleanup(w.grpc.Close)
	return w
}

// hasty is a short wait for what fails, and more than a working hop takes on a machine
// that is not busy; patient is enough on any.
var hasty, patient = map[string]any{"wait_timeout": "1s"}, map[string]any{"wait_timeout": "1m"}

// hastily runs a task whose first failing hop is known, "" for none: with a short wait, and
// with a long one if the short one was not enough for another hop.
func hastily(t *testing.T, task testkit.Task, hop string) wire.Result {
	t.Helper()
	result := task.With(hasty).Apply(t)
	if firstLost(result) != hop {
		result = task.With(patient).Apply(t)
	}
	return result
}

// firstLost is the name of the hop that the message of a result is about.
func firstLost(result map[string]any) string {
	hops, _ := result["hops"].([]any)
	for _, item := range hops {
		if hop := item.(map[string]any); hop["status"] == "failed" {
			return hop["name"].(string)
		}
	}
	return ""
}

// task proves the whole world.
func (w *world) task() testkit.Task {
	return testkit.Task{New: probe.New, Options: map[string]any{
		"endpoints": map[string]any{
			"query": w.tempo.URL, "otlp_grpc": strings.TrimPrefix(w.grpc.URL, "http://"),
			"otlp_http": w.otlp.URL + "/v1/traces", "zipkin": w.zipkin.URL + "/api/v2/spans", "opencensus": "127.0.0.1:1",
		},
		"ingress_url": w.traefik.URL, "ingress_host": "emojivoto.example", "ingress_path": "/api/vote", "services": []any{"web"},
		"loki_uid": "loki", "grafana_url": w.grafana.URL, "grafana_password": testkit.Canary + "password", "wait_timeout": "1m",
	}}
}

func (w *world) keep(id string, all ...span) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken.loses {
		return
	}
	for _, one := range all {
		one.at = time.Now()
		w.spans[id] = append(w.spans[id], one)
	}
}

func (w *world) found(id string) []span {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	var ready []span
	for _, one := range w.spans[id] {
		if time.Since(one.at) >= w.broken.delay {
			ready = append(ready, one)
		}
	}
	return ready
}

// starting reports whether a server is still starting.
func (w *world) starting(server string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks[server]++
	return w.looks[server] <= w.broken.starts
}

// serveTempo is the query frontend, as in Tempo 2.4.
func (w *world) serveTempo(out http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case r.Method != http.MethodGet:
		http.Error(out, "", http.StatusMethodNotAllowed)
	case path == "/ready" && w.broken.notReady:
		http.Error(out, "Query Frontend not ready: no queriers connected", http.StatusServiceUnavailable)
	case path == "/ready" && w.starting("tempo"):
		http.Error(out, "Ingester not ready: waiting for 15s after being ready", http.StatusServiceUnavailable)
	case path == "/ready":
		http.Error(out, "ready", http.StatusOK)
	case path == "/status/version":
		_, _ = fmt.Fprintf(out, "GET /status/version\ntempo, version %s (branch: HEAD, revision: abc)\n", cmp.Or(w.broken.version, "2.4.1"))
	case path == "/api/metrics/query_range" && r.URL.Query().Get("q") == "{} | rate()":
		w.byRate(out)
	case w.broken.lookup != 0:
		http.Error(out, "error querying store: Access Denied", w.broken.lookup)
	case strings.HasPrefix(path, "/api/traces/"):
		w.byID(out, strings.TrimPrefix(path, "/api/traces/"), func(batches []any) any { return map[string]any{"batches": batches} })
	case strings.HasPrefix(path, "/api/v2/traces/"):
		w.byID(out, strings.TrimPrefix(path, "/api/v2/traces/"), func(batches []any) any {
			return map[string]any{"trace": map[string]any{"resourceSpans": batches}}
		})
	case path == "/api/search" && !w.broken.noSearch:
		w.bySearch(out, r.URL.Query().Get("tags"))
	default:
		http.NotFound(out, r)
	}
}

func (w *world) byID(out http.ResponseWriter, id string, form func([]any) any) {
	spans := w.found(id)
	if len(spans) == 0 {
		http.Error(out, "trace not found", http.StatusNotFound)
		return
	}
	var batches []any
	for _, one := range spans {
		batches = append(batches, map[string]any{
			"resource": map[string]any{"attributes": []any{map[string]any{"key": "service.name", "value": map[string]any{"stringValue": one.service}}}},
			"scopeSpans": []any{map[string]any{"spans": []any{map[string]any{
				"traceId": id, "spanId": one.id, "parentSpanId": one.parent, "name": one.name,
				"startTimeUnixNano": fmt.Sprint(one.at.UnixNano()), "endTimeUnixNano": fmt.Sprint(one.at.Add(time.Millisecond).UnixNano()),
			}}}},
		})
	}
	_ = json.NewEncoder(out).Encode(form(batches))
}

func (w *world) byRate(out http.ResponseWriter) {
	if w.broken.metrics != "" {
		http.Error(out, w.broken.metrics, http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"series": []any{map[string]any{"labels": []any{}, "samples": []any{}}}})
}

func (w *world) bySearch(out http.ResponseWriter, tags string) {
	key, value, _ := strings.Cut(tags, "=")
	value = strings.Trim(value, `"`)
	w.mu.Lock()
	defer w.mu.Unlock()
	traces := []any{}
	for id, spans := range w.spans {
		for _, one := range spans {
			if one.tags[key] == value && !w.broken.blindSearch {
				traces = append(traces, map[string]any{"traceID": strings.TrimLeft(id, "0")})
				break
			}
		}
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"traces": traces})
}

func (w *world) serveOTLP(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.NotFound(out, r)
		return
	}
	if w.starting("otlp") {
		http.Error(out, "no live replicas", http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if err := w.takeOTLP(body); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
	}
}

func (w *world) serveGRPC(out http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor != 2 || r.Header.Get("Content-Type") != "application/grpc" || r.Header.Get("Te") != "trailers" {
		http.Error(out, "not gRPC", http.StatusUnsupportedMediaType)
		return
	}
	out.Header().Set("Content-Type", "application/grpc")
	out.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
	body, _ := io.ReadAll(r.Body)
	status, words := "0", ""
	switch {
	case r.URL.Path != "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
		status, words = "12", "unknown method"
	case w.starting("grpc"):
		status, words = "14", "the distributor is starting"
	case len(body) < 5 || body[0] != 0 || int(binary.BigEndian.Uint32(body[1:5])) != len(body)-5:
		status, words = "13", "bad frame"
	default:
		if err := w.takeOTLP(body[5:]); err != nil {
			status, words = "3", err.Error()
		}
	}
	_, _ = out.Write([]byte{0, 0, 0, 0, 0})
	out.Header().Set("Grpc-Status", status)
	out.Header().Set("Grpc-Message", url.PathEscape(words))
}

// takeOTLP reads an ExportTraceServiceRequest without the code that wrote it.
func (w *world) takeOTLP(body []byte) error {
	for _, resourceSpans := range fieldsOf(body, 1) {
		service := ""
		for _, attribute := range fieldsOf(first(resourceSpans, 1), 1) {
			if string(first(attribute, 1)) == "service.name" {
				service = string(first(first(attribute, 2), 1))
			}
		}
		for _, scopeSpans := range fieldsOf(resourceSpans, 2) {
			for _, raw := range fieldsOf(scopeSpans, 2) {
				id := first(raw, 1)
				if len(id) != 16 || len(first(raw, 2)) != 8 || service == "" || len(first(raw, 5)) == 0 {
					return fmt.Errorf("span is not complete")
				}
				tags := map[string]string{}
				for _, attribute := range fieldsOf(raw, 9) {
					tags[string(first(attribute, 1))] = string(first(first(attribute, 2), 1))
				}
				w.keep(hex.EncodeToString(id), span{id: hex.EncodeToString(first(raw, 2)), parent: hex.EncodeToString(first(raw, 4)), service: service, name: string(first(raw, 5)), tags: tags})
			}
		}
	}
	return nil
}

// fieldsOf returns the messages and texts of one field.
func fieldsOf(data []byte, number protowire.Number) [][]byte {
	var found [][]byte
	for len(data) > 0 {
		field, kind, size := protowire.ConsumeTag(data)
		if size < 0 {
			return nil
		}
		data = data[size:]
		if kind == protowire.BytesType && field == number {
			value, _ := protowire.ConsumeBytes(data)
			found = append(found, value)
		}
		size = protowire.ConsumeFieldValue(field, kind, data)
		if size < 0 {
			return nil
		}
		data = data[size:]
	}
	return found
}

func first(data []byte, number protowire.Number) []byte {
	if all := fieldsOf(data, number); len(all) > 0 {
		return all[0]
	}
	return nil
}

func (w *world) serveZipkin(out http.ResponseWriter, r *http.Request) {
	var spans []struct {
		TraceID, ID, ParentID, Name string
		LocalEndpoint               struct{ ServiceName string }
		Tags                        map[string]string
	}
	if r.Method != http.MethodPost || r.URL.Path != "/api/v2/spans" || json.NewDecoder(r.Body).Decode(&spans) != nil {
		http.Error(out, "", http.StatusBadRequest)
		return
	}
	if w.starting("zipkin") {
		http.Error(out, "at least 1 live replicas required, could only find 0", http.StatusInternalServerError)
		return
	}
	for _, one := range spans {
		w.keep(one.TraceID, span{id: one.ID, parent: one.ParentID, service: one.LocalEndpoint.ServiceName, name: one.Name, tags: one.Tags})
	}
	out.WriteHeader(http.StatusAccepted)
}

// serveTraefik passes on to the application, sends spans and writes its log.
func (w *world) serveTraefik(out http.ResponseWriter, r *http.Request) {
	if r.Host != "emojivoto.example" || r.URL.Path != "/api/vote" || w.broken.noRoute {
		http.Error(out, "404 page not found", http.StatusNotFound)
		return
	}
	id := r.Header.Get("X-B3-Traceid")
	if w.broken.ownID {
		id = "0af7651916cd43dd8448eb211c80319c"
	}
	service := "traefik"
	if w.broken.renamed {
		service = "proxy"
	}
	if !w.broken.untraced {
		w.keep(id, span{id: "00000000000000aa", parent: r.Header.Get("X-B3-Spanid"), service: service, name: "EntryPoint", tags: map[string]string{"user_agent.original": r.UserAgent()}})
	}
	name := "/api/vote"
	if w.broken.wordy {
		name = strings.Repeat("emojivoto.v1.VotingService/", 6)
	}
	if !w.broken.noHeaders && !w.broken.untraced {
		w.keep(id, span{id: "00000000000000bb", parent: "00000000000000aa", service: "web", name: name})
	}
	w.log(r, id)
	if w.broken.noPage {
		http.Error(out, "no such vote", http.StatusNotFound)
	}
	if w.broken.noBackend {
		http.Error(out, "Bad Gateway", http.StatusBadGateway)
	}
}

func (w *world) serveGrafana(out http.ResponseWriter, r *http.Request) {
	out.Header().Set("Content-Type", "application/json")
	if _, password, ok := r.BasicAuth(); !ok || w.broken.login || !strings.HasPrefix(password, testkit.Canary) {
		out.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(out, `{"message":"Invalid username or password"}`)
		return
	}
	if r.URL.Path == "/api/health" {
		_, _ = fmt.Fprintf(out, `{"database":"ok","version":%q}`, cmp.Or(w.broken.grafana, "11.2.0"))
		return
	}
	if r.URL.Path == "/api/datasources" {
		w.serveSources(out)
		return
	}
	uid, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/datasources/proxy/uid/"), "/api/datasources/uid/"), "/")
	if uid == "tempo" && w.broken.noTraces || uid == "loki" && w.broken.noLogs || uid != "tempo" && uid != "loki" && !w.measures(uid) {
		out.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(out, `{"message":"Data source not found"}`)
		return
	}
	if !strings.Contains(r.URL.Path, "/proxy/") {
		_ = json.NewEncoder(out).Encode(w.source(uid))
		return
	}
	r.URL.Path = "/" + rest
	switch {
	case uid == "loki":
		w.serveLoki(out, r)
	case w.measures(uid):
		w.servePrometheus(out, r)
	case w.broken.deadURL:
		out.WriteHeader(http.StatusBadGateway)
	case w.broken.tempoTenants:
		http.Error(out, "no org id", http.StatusUnauthorized)
	case w.broken.otherTempo:
		http.Error(out, "trace not found", http.StatusNotFound)
	default:
		w.serveTempo(out, r)
	}
}

func (w *world) source(uid string) map[string]any {
	source := map[string]any{"uid": uid, "name": uid, "type": uid, "url": "http://" + uid, "readOnly": w.broken.readOnly, "jsonData": map[string]any{}}
	switch {
	case uid == "tempo" && !w.broken.noLink:
		link := map[string]any{"datasourceUid": "loki", "customQuery": true, "query": `{app="traefik"} |= "${__trace.traceId}"`, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m"}
		maps.Copy(link, w.broken.link)
		source["jsonData"] = map[string]any{"tracesToLogsV2": link}
	case uid == "loki" && !w.broken.noField:
		field := map[string]any{"name": "TraceID", "datasourceUid": "tempo", "url": "${__value.raw}",
			"matcherRegex": `"(?:request_X-B3-Traceid|TraceId)":"(?!0{32})([0-9a-f]{16,32})"`}
		maps.Copy(field, w.broken.field)
		fields := []any{field}
		if w.broken.before != nil {
			fields = []any{w.broken.before, field}
		}
		source["jsonData"] = map[string]any{"derivedFields": fields, "picluster_log_link": w.broken.kept}
	}
	w.linkMetrics(source)
	return source
}
