// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// measured are spans of one trace, as Zipkin has them: service, name, kind, milliseconds, ID, its parent, and tags.
func measured(t *testing.T) []byte {
	t.Helper()
	var all []map[string]any
	for _, one := range []struct {
		service, name, kind string
		took                int
		id, parent          string
		tags                map[string]string
	}{
		{"edge", "GET /", "SERVER", 20, "a1", "", nil},
		{"edge", "call web", "CLIENT", 15, "a2", "a1", nil},
		{"web", "serve", "SERVER", 10, "a3", "a2", map[string]string{"error": "true"}},
		{"web", "SELECT", "CLIENT", 5, "a4", "a3", map[string]string{"db.name": "votes", "db.system": "mysql"}},
		{"web", "SELECT", "CLIENT", 5, "a5", "a3", map[string]string{"db.namespace": "users", "db.system": "mysql"}},
		{"web", "GET", "CLIENT", 5, "a6", "a3", map[string]string{"db.system": "redis"}},
		{"web", "SELECT", "CLIENT", 5, "a7", "a3", map[string]string{"db.name": "votes", "peer.service": "archive"}},
		{"web", "inner", "", 1, "a8", "a3", nil},
		{"web", "publish", "PRODUCER", 1, "a9", "a3", nil},
		{"worker", "consume", "CONSUMER", 1, "aa", "a9", nil},
		{"web", "publish", "PRODUCER", 1, "ab", "a3", map[string]string{"peer.service": "queue"}},
		{"web", "send", "CLIENT", 1, "ac", "a3", map[string]string{"peer.service": "mail"}},
		{"web", "send", "CLIENT", 1, "ad", "a3", map[string]string{"server.address": "nobody.example"}},
		{"ward", "serve", "SERVER", 1, "ae", "", map[string]string{"peer.service": "phone"}},
		{"orphan", "serve", "SERVER", 1, "af", "b1", nil},
		{"slow", "serve", "SERVER", 20_000, "b2", "b3", nil},
	} {
		span := map[string]any{
			"traceId": "00000000000000001234567890abcdef", "id": strings.Repeat("0", 14) + one.id, "name": one.name, "duration": one.took * 1000,
			"timestamp": time.Now().Add(-time.Duration(one.took) * time.Millisecond).UnixMicro(), "localEndpoint": map[string]any{"serviceName": one.service}, "tags": one.tags,
		}
		if one.service == "ward" {
			span["traceId"] = "1234567890abcdee" // a trace has one root
		}
		if one.parent != "" {
			span["parentId"] = strings.Repeat("0", 14) + one.parent
		}
		if one.kind != "" {
			span["kind"] = one.kind
		}
		all = append(all, span)
	}
	old := map[string]any{"traceId": "1234567890abcded", "id": "00000000000000b4", "name": "old", "kind": "SERVER", "duration": 1000, "timestamp": time.Now().Add(-time.Minute).UnixMicro(), "localEndpoint": map[string]any{"serviceName": "old"}}
	body, err := json.Marshal(append(all, old))
	require.NoError(t, err)
	return body
}

// generating runs a Tempo whose generator sends to a sink each second, and gives it the spans.
func generating(t *testing.T, p program, processors, exemplars string) (server, *sink) {
	t.Helper()
	to, folder := newSink(t), t.TempDir()
	traces := ""
	if p.edition.Before(3, 0) {
		traces = fmt.Sprintf("traces_storage: {path: %s/traces}, ", folder)
	}
	s := p.start(t, fmt.Sprintf(`
metrics_generator:
  {%sregistry: {collection_interval: 1s}, processor: {service_graphs: {wait: 2s}}, storage: {path: %s/generator, remote_write: [{url: %q%s}]}}
overrides: {defaults: {metrics_generator: {processors: %s}}}
`, traces, folder, to.url, exemplars, processors))
	status, _, body := call(http.MethodPost, "http://"+s.zipkin+"/api/v2/spans", map[string]string{"Content-Type": "application/json"}, measured(t))
	require.Equal(t, http.StatusAccepted, status, body)
	return s, to
}

// patience is for what takes some seconds.
const patience = 2 * time.Minute

func generators(t *testing.T, test func(*testing.T, program)) {
	t.Helper()
	each(t, "", func(t *testing.T, p program) {
		if !p.among(t, "2.10", "") {
			return // what earlier ones send was not looked at
		}
		t.Parallel()
		test(t, p)
	})
}

// The metrics that are made of spans, with their labels.
func TestMetricsOfSpans(t *testing.T) {
	const edge, unset = `service="edge",span_kind="SPAN_KIND_CLIENT",span_name="call web"`, `,status_code="STATUS_CODE_UNSET"}`
	generators(t, func(t *testing.T, p program) {
		_, to := generating(t, p, "[service-graphs, span-metrics]", "")
		require.Eventually(t, func() bool { return len(to.of("traces_service_graph_request_total")) >= 10 }, patience, 100*time.Millisecond, "%v", to.of("traces_service_graph_request_total"))
		require.Equal(t, map[string]float64{
			`{client="edge",server="web"}`:                                      1,
			`{client="phone",connection_type="virtual_node",server="ward"}`:     1,
			`{client="user",connection_type="virtual_node",server="edge"}`:      1,
			`{client="web",connection_type="database",server="archive"}`:        1,
			`{client="web",connection_type="database",server="redis"}`:          1,
			`{client="web",connection_type="database",server="users"}`:          1,
			`{client="web",connection_type="database",server="votes"}`:          1,
			`{client="web",connection_type="messaging_system",server="worker"}`: 1,
			`{client="web",connection_type="virtual_node",server="mail"}`:       1,
			`{client="web",connection_type="virtual_node",server="queue"}`:      1,
		}, to.of("traces_service_graph_request_total"))
		require.Equal(t, map[string]float64{`{client="edge",server="web"}`: 1}, to.of("traces_service_graph_request_failed_total"))
		client, serving := to.of("traces_service_graph_request_client_seconds_sum"), to.of("traces_service_graph_request_server_seconds_sum")
		for labels, want := range map[string][2]float64{
			`{client="edge",server="web"}`:                                 {0.015, 0.01},
			`{client="user",connection_type="virtual_node",server="edge"}`: {0, 0.02},
			`{client="web",connection_type="database",server="votes"}`:     {0.005, 0.005},
			`{client="web",connection_type="virtual_node",server="mail"}`:  {0.001, 0},
		} {
			require.Equal(t, want, [2]float64{client[labels], serving[labels]}, labels)
		}
		require.Equal(t, "{traceID=\"1234567890abcdef\"} 0.015", to.exemplar(`traces_service_graph_request_client_seconds_bucket{client="edge",le="0.1",server="web"}`))
		require.Equal(t, map[string]float64{
			"{" + edge + unset: 1, `{service="edge",span_kind="SPAN_KIND_SERVER",span_name="GET /"` + unset: 1,
			`{service="orphan",span_kind="SPAN_KIND_SERVER",span_name="serve"` + unset: 1, `{service="slow",span_kind="SPAN_KIND_SERVER",span_name="serve"` + unset: 1,
			`{service="ward",span_kind="SPAN_KIND_SERVER",span_name="serve"` + unset: 1, `{service="worker",span_kind="SPAN_KIND_CONSUMER",span_name="consume"` + unset: 1,
			`{service="web",span_kind="SPAN_KIND_CLIENT",span_name="GET"` + unset: 1, `{service="web",span_kind="SPAN_KIND_CLIENT",span_name="SELECT"` + unset: 3,
			`{service="web",span_kind="SPAN_KIND_CLIENT",span_name="send"` + unset: 2, `{service="web",span_kind="SPAN_KIND_PRODUCER",span_name="publish"` + unset: 2,
			`{service="web",span_kind="SPAN_KIND_UNSPECIFIED",span_name="inner"` + unset: 1, `{service="web",span_kind="SPAN_KIND_SERVER",span_name="serve",status_code="STATUS_CODE_ERROR"}`: 1,
		}, to.of("traces_spanmetrics_calls_total"), "without the span of a minute ago")
		buckets := to.of("traces_spanmetrics_latency_bucket")
		for le, want := range map[string]float64{"0.002": 0, "0.008": 0, "0.016": 1, "0.032": 1, "16.384": 1, "+Inf": 1} {
			value, there := buckets[fmt.Sprintf(`{le=%q,%s%s`, le, edge, unset)]
			require.True(t, there, le)
			require.InDelta(t, want, value, 0, le)
		}
		require.Len(t, buckets, 12*15, "buckets from 2 ms to 16.384 s, and +Inf")
		require.InDelta(t, 0.015, to.of("traces_spanmetrics_latency_sum")["{"+edge+unset], 0)
		require.InDelta(t, 70, to.of("traces_spanmetrics_size_total")["{"+edge+unset], 0)
		require.Equal(t, "{traceID=\"1234567890abcdef\"} 0.015", to.exemplar("traces_spanmetrics_latency_bucket{le=\"0.016\","+edge+unset))
		require.Equal(t, "{traceID=\"1234567890abcdef\"} 20", to.exemplar(`traces_spanmetrics_latency_bucket{le="+Inf",service="slow",span_kind="SPAN_KIND_SERVER",span_name="serve"`+unset))
		to.senders(t)
	})
}

// A processor can be a part of another. Exemplars are sent whatever send_exemplars says.
func TestMetricsOfAPart(t *testing.T) {
	generators(t, func(t *testing.T, p program) {
		_, to := generating(t, p, "[span-metrics-latency]", ", send_exemplars: false")
		require.Eventually(t, func() bool { return len(to.names()) > 0 }, patience, 100*time.Millisecond)
		require.Equal(t, map[string]bool{"traces_spanmetrics_latency_bucket": true, "traces_spanmetrics_latency_count": true, "traces_spanmetrics_latency_sum": true}, to.names())
		require.NotEmpty(t, to.exemplar(`traces_spanmetrics_latency_bucket{le="+Inf",service="slow",span_kind="SPAN_KIND_SERVER",span_name="serve",status_code="STATUS_CODE_UNSET"}`))
	})
}

// An unknown processor leaves Tempo below 3 without any metrics, and none of its own from 3 on.
func TestAnUnknownProcessor(t *testing.T) {
	generators(t, func(t *testing.T, p program) {
		s, to := generating(t, p, "[span-metrics, span-metric]", "")
		says, comes := "ignoring unknown metrics-generator processor", true
		if p.edition.Before(3, 0) {
			says, comes = "unknown processor span-metric", false
		}
		require.Eventually(t, func() bool {
			said, _ := os.ReadFile(s.log)
			return strings.Contains(string(said), says) && (len(to.names()) > 0 || !comes)
		}, patience, 100*time.Millisecond)
		require.Equal(t, comes, len(to.names()) > 0)
	})
}
