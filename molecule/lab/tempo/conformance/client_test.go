// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// age is that of all traces but one: searches of Tempo 3 leave out the last half minute, and metrics the part of a
// step that this cuts off.
const age = 100 * time.Second

// The traces that are sent, each by another protocol.
const (
	byZipkin = "0123456789abcdef0123456789abcdef"
	byHTTP   = "1123456789abcdef0123456789abcdef"
	byGRPC   = "2123456789abcdef0123456789abcdef"
	fresh    = "3123456789abcdef0123456789abcdef"
	nowhere  = "f123456789abcdef0123456789abcdef"
)

// get requests a path of the HTTP port.
func (s server) get(path string, headers map[string]string) (status int, kind, body string) {
	return call(http.MethodGet, "http://"+s.http+path, headers, nil)
}

func call(method, address string, headers map[string]string, body []byte) (status int, kind, text string) {
	ctx, release := context.WithTimeout(context.Background(), 20*time.Second)
	defer release()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, "", err.Error()
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err.Error()
	}
	defer answer.Body.Close()
	content, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(content)
}

// zipkin is a span in Zipkin's format, version 2.
func zipkin(id, service, name string, old time.Duration) []byte {
	return fmt.Appendf(nil, `[{"traceId":%q,"id":%q,"name":%q,"kind":"SERVER","timestamp":%d,"duration":1500,`+
		`"localEndpoint":{"serviceName":%q},"tags":{"http.method":"GET","error":"true"}}]`,
		id, id[16:], name, time.Now().Add(-old).UnixMicro(), service)
}

// otlp are two spans, the second a child of the first.
func otlp(t *testing.T, id string, old time.Duration) ptraceotlp.ExportRequest {
	t.Helper()
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "shop")
	scope := resource.ScopeSpans().AppendEmpty()
	scope.Scope().SetName("lab")
	var raw pcommon.TraceID
	_, err := fmt.Sscanf(id, "%x", (*hexBytes)(&raw))
	require.NoError(t, err)
	start := time.Now().Add(-old)
	for i, name := range []string{"checkout", "pay"} {
		span := scope.Spans().AppendEmpty()
		span.SetTraceID(raw)
		span.SetSpanID(pcommon.SpanID{byte(i + 1), 2})
		if i > 0 {
			span.SetParentSpanID(pcommon.SpanID{1, 2})
		}
		span.SetName(name)
		span.SetKind(ptrace.SpanKindClient)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(250 * time.Millisecond)))
		span.Attributes().PutStr("step", name)
		span.Attributes().PutInt("http.status_code", 200)
	}
	return ptraceotlp.NewExportRequestFromTraces(traces)
}

// hexBytes is an ID in hexadecimal.
type hexBytes pcommon.TraceID

// Scan implements fmt.Scanner.
func (h *hexBytes) Scan(state fmt.ScanState, _ rune) error {
	token, err := state.Token(true, nil)
	if err != nil {
		return err
	}
	for i := range h {
		number, err := strconv.ParseUint(string(token[2*i:2*i+2]), 16, 8)
		if err != nil {
			return err
		}
		h[i] = byte(number)
	}
	return nil
}

// send sends all traces to the receivers.
func (s server) send(t *testing.T) {
	t.Helper()
	json := map[string]string{"Content-Type": "application/json"}
	status, _, text := call(http.MethodPost, "http://"+s.zipkin+"/api/v2/spans", json, zipkin(byZipkin, "web", "vote", age))
	require.Equal(t, http.StatusAccepted, status, text)
	body, err := otlp(t, byHTTP, age).MarshalProto()
	require.NoError(t, err)
	status, _, text = call(http.MethodPost, "http://"+s.otlpHTTP+"/v1/traces", map[string]string{"Content-Type": "application/x-protobuf"}, body)
	require.Equal(t, http.StatusOK, status, text)
	require.NoError(t, s.export(t, t.Context(), byGRPC))
	status, _, text = call(http.MethodPost, "http://"+s.zipkin+"/api/v2/spans", json, zipkin(fresh, "late", "now", 0))
	require.Equal(t, http.StatusAccepted, status, text)
}

// export sends a trace by OTLP over gRPC.
func (s server) export(t *testing.T, ctx context.Context, id string) error {
	t.Helper()
	connection, err := grpc.NewClient(s.otlp, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	_, err = ptraceotlp.NewGRPCClient(connection).Export(ctx, otlp(t, id, age))
	return err
}

// at finds a value in JSON: traces.0.traceID; # is the length of a list.
func at(t *testing.T, text, path string) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	for _, step := range strings.Split(path, "|") {
		switch below := value.(type) {
		case map[string]any:
			value = below[step]
		case []any:
			number, err := strconv.Atoi(step)
			if step == "#" {
				value = len(below)
				continue
			}
			require.NoError(t, err, "%s in %s", path, text)
			require.Less(t, number, len(below), "%s in %s", path, text)
			value = below[number]
		default:
			value = nil
		}
	}
	return fmt.Sprint(value)
}
