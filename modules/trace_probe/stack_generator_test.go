// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// generator writes to Prometheus what Tempo's metrics generator writes of spans, by
// the names, labels, buckets and exemplars that 2.10.8 and 3.0.3 were seen to use.
// Its zero value sends all of it.
type generator struct {
	without string // the beginning of the names that are not written
	bare    bool   // without exemplars
	label   string // of the trace ID, in place of traceID
	once    bool   // one sample, as after the first 15 seconds
	accepts int    // Prometheus' answer to the writing
}

// reported is as much of a span of Zipkin's as metrics are made of.
type reported struct {
	TraceID, ID, ParentID, Name, Kind string
	Duration                          int64 // microseconds
	LocalEndpoint                     struct{ ServiceName string }
}

// before is the address of a receiver that passes spans on to Tempo's, and has
// written their metrics when it answers.
func (g generator) before(t *testing.T, zipkin string, prometheus stack.Prometheus) string {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer, err := http.Post(zipkin, "application/json", bytes.NewReader(body))
		var spans []reported
		if err != nil || answer.Body.Close() != nil || json.Unmarshal(body, &spans) != nil {
			out.WriteHeader(http.StatusBadGateway)
			return
		}
		status, says, err := prometheus.Write(r.Context(), g.series(spans)...)
		if err != nil || status != g.accepts {
			t.Errorf("Prometheus answers %d %s %v", status, says, err)
		}
		out.WriteHeader(answer.StatusCode)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api/v2/spans"
}

// series are those of the spans, and of the calls between them.
func (g generator) series(spans []reported) (all []stack.Series) {
	for _, one := range spans {
		of := []string{"service", one.LocalEndpoint.ServiceName, "span_kind", "SPAN_KIND_" + one.Kind, "span_name", one.Name, "status_code", "STATUS_CODE_UNSET"}
		all = append(all, g.one(1, "traces_spanmetrics_calls_total", of), g.one(70, "traces_spanmetrics_size_total", of))
		all = append(all, g.histogram(one, 0.002, 14, "traces_spanmetrics_latency", of)...)
		for _, caller := range spans {
			if caller.ID != one.ParentID || caller.Kind != "CLIENT" {
				continue
			}
			of := []string{"client", caller.LocalEndpoint.ServiceName, "server", one.LocalEndpoint.ServiceName}
			all = append(all, g.one(1, "traces_service_graph_request_total", of))
			all = append(all, g.histogram(caller, 0.1, 8, "traces_service_graph_request_client_seconds", of)...)
			all = append(all, g.histogram(one, 0.1, 8, "traces_service_graph_request_server_seconds", of)...)
		}
	}
	return slices.DeleteFunc(all, func(one stack.Series) bool {
		return g.without != "" && strings.HasPrefix(one.Labels["__name__"], g.without)
	})
}

// one is a series with the value as it is sent every 15 seconds.
func (g generator) one(value float64, name string, labels []string) stack.Series {
	host, _ := os.Hostname()
	series := stack.Series{Labels: stack.Named(name, append([]string{"__metrics_gen_instance", host}, labels...)...)}
	if !g.once {
		series.Samples = append(series.Samples, stack.Sample{Value: value, At: time.Now().Add(-15 * time.Second)})
	}
	series.Samples = append(series.Samples, stack.Sample{Value: value, At: time.Now()})
	return series
}

// histogram has buckets that each are twice the one before, and an exemplar in the
// first that the duration fits into. The trace ID is without its leading zeros.
func (g generator) histogram(of reported, least float64, buckets int, name string, labels []string) []stack.Series {
	seconds, kept := float64(of.Duration)/1e6, g.bare
	all := []stack.Series{g.one(1, name+"_count", labels), g.one(seconds, name+"_sum", labels)}
	for i := range buckets + 1 {
		bound, le := least*float64(int(1)<<i), "+Inf"
		if i < buckets {
			le = strconv.FormatFloat(bound, 'f', -1, 64)
		}
		within, value := le == "+Inf" || seconds <= bound, 0.0
		if within {
			value = 1
		}
		series := g.one(value, name+"_bucket", labels)
		series.Labels["le"] = le
		if within && !kept {
			kept = true
			series.Exemplars = []stack.Exemplar{{Sample: stack.Sample{Value: seconds, At: time.Now()}, Labels: map[string]string{g.idLabel(): strings.TrimLeft(of.TraceID, "0")}}}
		}
		all = append(all, series)
	}
	return all
}

func (g generator) idLabel() string {
	if g.label != "" {
		return g.label
	}
	return "traceID"
}
