// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"
)

// exported is what an OpenTelemetry Collector sends; NOW is the time in seconds.
const exported = `{"resourceLogs":[{"resource":{"attributes":[
    {"key":"service.name","value":{"stringValue":"web"}},{"key":"k8s.pod.name","value":{"stringValue":"web-1"}},{"key":"host.name","value":{"stringValue":"pi1"}}]},
  "scopeLogs":[{"scope":{"name":"lib","version":"1","attributes":[{"key":"sa","value":{"boolValue":true}}]},"logRecords":[{
    "timeUnixNano":"NOW000000007","observedTimeUnixNano":"NOW000000008","severityNumber":9,"severityText":"INFO","body":{"stringValue":"by OTLP"},
    "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","flags":1,"attributes":[
      {"key":"http.method","value":{"stringValue":"GET"}},{"key":"n","value":{"intValue":"5"}},{"key":"d","value":{"doubleValue":1.5}},
      {"key":"m","value":{"kvlistValue":{"values":[{"key":"in","value":{"intValue":"1"}}]}}},
      {"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"}]}}}]}]}]}]}`

func TestOTLP(t *testing.T) {
	base, now := ready(t), fmt.Sprint(time.Now().Unix())
	address := base + "/otlp/v1/logs"
	require.Equal(t, reply{status: http.StatusNoContent}, send(t, http.MethodPost, address, "o", jsonType, strings.ReplaceAll(exported, "NOW", now)))
	want := streams(`"service_name":"web","k8s_pod_name":"web-1","host_name":"pi1","scope_name":"lib","scope_version":"1","sa":"true","detected_level":"info",
		"severity_number":"9","severity_text":"INFO","flags":"1","observed_timestamp":"NOW000000008","http_method":"GET","n":"5","d":"1.5","m_in":"1","l":"[\"x\"]",
		"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"`, `["NOW000000007","by OTLP"]`)
	found := get(t, base, "o", "/loki/api/v1/query_range", `query={service_name="web"} | trace_id="0af7651916cd43dd8448eb211c80319c"`)
	require.JSONEq(t, strings.ReplaceAll(want, "NOW", now), withoutStats(t, found.body))
	series := get(t, base, "o", "/loki/api/v1/series", `match[]={service_name="web"}`)
	require.JSONEq(t, `{"status":"success","data":[{"service_name":"web","k8s_pod_name":"web-1"}]}`, series.body, "what becomes a label of the stream")

	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"no JSON": {jsonType, "x", 400}, "no protobuf": {"application/x-protobuf", "x", 400}, "neither": {"text/plain", "x", 400}, "nothing": {jsonType, "{}", 422},
	} {
		got := send(t, http.MethodPost, address, "o", c.kind, c.body)
		require.Equal(t, c.status, got.status, name)
		require.Equal(t, "application/octet-stream", got.kind, name)
	}
}

func TestOTLPByProtobuf(t *testing.T) {
	base, now := ready(t), time.Now().UnixNano()
	body := &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: []*common.KeyValue{{Key: "a", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: 1}}}}}}}
	raw, err := proto.Marshal(&logs.LogsData{ResourceLogs: []*logs.ResourceLogs{{ScopeLogs: []*logs.ScopeLogs{{LogRecords: []*logs.LogRecord{{
		ObservedTimeUnixNano: uint64(now), Body: body, TraceId: []byte("0123456789abcdef"), SeverityNumber: logs.SeverityNumber_SEVERITY_NUMBER_ERROR,
	}}}}}}})
	require.NoError(t, err)
	require.Equal(t, reply{status: http.StatusNoContent}, send(t, http.MethodPost, base+"/otlp/v1/logs", "o", "application/x-protobuf", string(raw)))
	want := streams(`"service_name":"unknown_service","detected_level":"error","severity_number":"17","trace_id":"30313233343536373839616263646566"`, fmt.Sprintf(`["%d","{\"a\":1}"]`, now))
	require.JSONEq(t, want, withoutStats(t, get(t, base, "o", "/loki/api/v1/query_range", `query={service_name="unknown_service"}`, fmt.Sprintf("end=%d", now+1e9)).body))
}
