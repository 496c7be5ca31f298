// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"bytes"
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/picluster/tracing/modules/internal/fault"
)

// SendOTLPHTTP posts a trace to an OTLP receiver by HTTP, as protobuf: JSON had
// other names in older versions of the protocol.
func SendOTLPHTTP(ctx context.Context, target Target, trace Trace) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(otlp(trace)))
	if err != nil {
		return fault.During("send a trace by OTLP over HTTP", err)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	_, err = target.do(request)
	return fault.During("send a trace by OTLP over HTTP to "+target.URL, err)
}

// otlp encodes a trace as an ExportTraceServiceRequest
// (open-telemetry/opentelemetry-proto v1.5.0, collector/trace/v1 and
// trace/v1/trace.proto). The messages are few, so that they are written here
// field by field: the generated types would bring gRPC into the program.
func otlp(trace Trace) []byte {
	var request []byte
	for _, service := range trace.Services() {
		var scope []byte
		scope = message(scope, 1, text(nil, 1, "picluster.tracing"))
		for _, span := range trace.Of(service) {
			scope = message(scope, 2, otlpSpan(trace.ID, span))
		}
		resource := message(nil, 1, pair("service.name", service))
		request = message(request, 1, message(message(nil, 1, resource), 2, scope))
	}
	return request
}

// kindNumbers are OTLP's numbers of the kinds; a span within a service is 1.
func kindNumbers() map[Kind]uint64 {
	return map[Kind]uint64{Inner: 1, Serving: 2, Calling: 3, Producing: 4, Consuming: 5}
}

func otlpSpan(id TraceID, span Span) []byte {
	out := identifier(nil, 1, string(id))
	out = identifier(out, 2, string(span.ID))
	if span.Parent != "" {
		out = identifier(out, 4, string(span.Parent))
	}
	out = text(out, 5, span.Name)
	out = protowire.AppendVarint(protowire.AppendTag(out, 6, protowire.VarintType), kindNumbers()[span.Kind])
	out = moment(out, 7, span.Start.UnixNano())
	out = moment(out, 8, span.Start.Add(span.Duration).UnixNano())
	for _, key := range slices.Sorted(maps.Keys(span.Attributes)) {
		out = message(out, 9, pair(key, span.Attributes[key]))
	}
	return out
}

// pair is a KeyValue with a text.
func pair(key, value string) []byte {
	return message(text(nil, 1, key), 2, text(nil, 1, value))
}

func message(out []byte, field protowire.Number, inner []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(out, field, protowire.BytesType), inner)
}

func text(out []byte, field protowire.Number, value string) []byte {
	return message(out, field, []byte(value))
}

// identifier is an id: the protocol takes its bytes.
func identifier(out []byte, field protowire.Number, digits string) []byte {
	data, _ := hex.DecodeString(digits) // our own ids are hexadecimal
	return message(out, field, data)
}

func moment(out []byte, field protowire.Number, nanoseconds int64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(out, field, protowire.Fixed64Type), uint64(nanoseconds)) //nolint:gosec // no span is from before 1970
}
