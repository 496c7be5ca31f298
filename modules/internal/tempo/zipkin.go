// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
)

// zipkinSpan is a span as Zipkin's receiver takes it
// (openzipkin/zipkin-api, zipkin2-api.yaml); times are in microseconds.
type zipkinSpan struct {
	TraceID       TraceID           `json:"traceId"`
	ID            SpanID            `json:"id"`
	ParentID      SpanID            `json:"parentId,omitempty"`
	Name          string            `json:"name"`
	Kind          Kind              `json:"kind,omitempty"`
	Timestamp     int64             `json:"timestamp"`
	Duration      int64             `json:"duration"`
	LocalEndpoint map[string]string `json:"localEndpoint"`
	Tags          map[string]string `json:"tags,omitempty"`
}

// SendZipkin posts a trace to a Zipkin receiver.
func SendZipkin(ctx context.Context, target Target, trace Trace) error {
	doing := "send a trace by Zipkin to " + target.URL
	var spans []zipkinSpan
	for _, span := range trace.Spans {
		spans = append(spans, zipkinSpan{
			TraceID: trace.ID, ID: span.ID, ParentID: span.Parent, Name: span.Name, Kind: span.Kind,
			Timestamp: span.Start.UnixMicro(), Duration: span.Duration.Microseconds(),
			LocalEndpoint: map[string]string{"serviceName": span.Service}, Tags: span.Attributes,
		})
	}
	body, err := json.Marshal(spans)
	if err != nil {
		return fault.Wrap(fault.Internal, "", doing, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(body))
	if err != nil {
		return fault.During(doing, err)
	}
	request.Header.Set("Content-Type", "application/json")
	_, err = target.do(request)
	return fault.During(doing, err)
}
