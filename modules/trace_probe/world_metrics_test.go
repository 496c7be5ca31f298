// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// graph is what there is of metrics: a Prometheus with what Tempo's generator sends
// to it, and Grafana's links. Its zero value works.
type graph struct {
	unlinked  bool              // Tempo's data source has no links to metrics
	link      map[string]any    // parts of tracesToMetrics
	serviceIn string            // the uid under serviceMap, in place of prometheus
	leads     []any             // in place of the links from exemplars
	readOnly  bool              // Prometheus' data source comes from a file
	late      int               // that many queries find nothing yet
	none      []string          // metrics that are missing
	other     bool              // they are only those of others
	label     string            // of the trace ID, in place of traceID; "-" is no exemplar
	flags     map[string]string // in place of the right ones
	says      int               // the status of all answers
	asked     []string
}

const metrics = "prometheus"

func (w *world) measures(uid string) bool { return uid == metrics && w.broken.graph != nil }

func (w *world) serveSources(out http.ResponseWriter) {
	all := []any{}
	for uid, exists := range map[string]bool{"tempo": !w.broken.noTraces, "loki": !w.broken.noLogs, metrics: w.broken.graph != nil} {
		if exists {
			all = append(all, w.source(uid))
		}
	}
	_ = json.NewEncoder(out).Encode(all)
}

// linkMetrics puts the links into a data source.
func (w *world) linkMetrics(source map[string]any) {
	g := w.broken.graph
	if g == nil {
		return
	}
	settings := source["jsonData"].(map[string]any)
	switch source["uid"] {
	case "tempo":
		if g.unlinked {
			return
		}
		link := map[string]any{"datasourceUid": metrics, "tags": []any{map[string]any{"key": "service.name", "value": "service"}}, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m",
			"queries": []any{map[string]any{"name": "Rate", "query": "sum(rate(traces_spanmetrics_calls_total{$__tags}[5m]))"}}}
		maps.Copy(link, g.link)
		settings["tracesToMetrics"], settings["serviceMap"] = link, map[string]any{"datasourceUid": metrics}
		if g.serviceIn != "" {
			settings["serviceMap"] = map[string]any{"datasourceUid": g.serviceIn}
		}
	case metrics:
		source["readOnly"] = g.readOnly
		settings[exemplarsKey] = []any{map[string]any{"name": "traceID", "datasourceUid": "tempo"}}
		if g.leads != nil {
			settings[exemplarsKey] = g.leads
		}
	}
}

const exemplarsKey = "exemplarTraceIdDestinations"

// promql is as much of the language as is supported here.
var promql = regexp.MustCompile(`(traces_\w+)\{(?:service="([^"]*)"|service=~"([^"]*)"|client="([^"]*)", server="([^"]*)")\}`)

// servePrometheus answers what the probe asks for, and refuses the rest.
func (w *world) servePrometheus(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, query := w.broken.graph, r.URL.Query().Get("query")
	g.asked = append(g.asked, r.URL.Path)
	parts := promql.FindStringSubmatch(query)
	switch {
	case g.says != 0:
		http.Error(out, "Bad Gateway", g.says)
	case r.URL.Path == "/api/v1/status/flags":
		succeed(out, w.flags())
	case r.URL.Path == "/api/v1/query" && strings.HasPrefix(query, "count by (__name__) ({__name__=~"):
		succeed(out, map[string]any{"resultType": "vector", "result": w.names()})
	case parts == nil || strings.Contains(query, "$"):
		out.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(out).Encode(map[string]any{"status": "error", "errorType": "bad_data", "error": "parse error: unexpected character: '$'"})
	case r.URL.Path == "/api/v1/query_exemplars" && parts[3] != "":
		succeed(out, w.exemplars(r, parts))
	case r.URL.Path == "/api/v1/query_range" && r.URL.Query().Get("step") != "" && parts[2] != "", r.URL.Path == "/api/v1/query" && parts[4] != "":
		found := []any{}
		if w.has(parts) {
			found = append(found, map[string]any{"metric": map[string]string{}})
		}
		succeed(out, map[string]any{"result": found})
	default:
		http.NotFound(out, r)
	}
}

func succeed(out http.ResponseWriter, data any) {
	_ = json.NewEncoder(out).Encode(map[string]any{"status": "success", "data": data})
}

func (w *world) flags() map[string]string {
	if w.broken.graph.flags != nil {
		return w.broken.graph.flags
	}
	return map[string]string{"web.enable-remote-write-receiver": "true", "enable-feature": "exemplar-storage"}
}

// names are the existing metrics, with a count.
func (w *world) names() []any {
	found := []any{}
	for _, name := range []string{"traces_spanmetrics_calls_total", "traces_spanmetrics_latency_bucket", "traces_service_graph_request_total"} {
		if !slices.Contains(w.broken.graph.none, name) {
			found = append(found, map[string]any{"metric": map[string]string{"__name__": name}})
		}
	}
	return found
}

// has reports whether stored spans are of the services that a query names.
func (w *world) has(parts []string) bool {
	g := w.broken.graph
	if g.late > 0 {
		g.late--
		return false
	}
	if g.other || slices.Contains(g.none, parts[1]) {
		return false
	}
	if parts[4] == "" {
		return w.service(parts[2])
	}
	return w.service(parts[4]) && w.service(parts[5])
}

func (w *world) service(name string) bool {
	for _, spans := range w.spans {
		if slices.ContainsFunc(spans, func(one span) bool { return one.service == name }) {
			return true
		}
	}
	return false
}

// exemplars are one for each trace.
func (w *world) exemplars(r *http.Request, parts []string) any {
	g, found := w.broken.graph, []any{}
	if g.label == "-" || slices.Contains(g.none, parts[1]) || r.URL.Query().Get("start") == "" {
		return found
	}
	label := "traceID"
	if g.label != "" {
		label = g.label
	}
	for id, spans := range w.spans {
		if g.other {
			id = strings.Repeat("e", 32)
		}
		for _, one := range spans {
			if slices.Contains(strings.Split(parts[3], "|"), one.service) {
				found = append(found, map[string]any{"seriesLabels": map[string]string{"__name__": parts[1], "service": one.service},
					"exemplars": []any{map[string]any{"labels": map[string]string{label: strings.TrimLeft(id, "0")}, "value": "0.002", "timestamp": float64(time.Now().Unix())}}})
			}
		}
	}
	return found
}
