// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/retry"
)

// export is the one method of the service that takes traces
// (open-telemetry/opentelemetry-proto, collector/trace/v1/trace_service.proto).
const export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// GRPC returns a transport that speaks HTTP/2 without TLS as well, as gRPC does.
func GRPC(config *tls.Config) http.RoundTripper {
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: &protocols, TLSClientConfig: config, TLSHandshakeTimeout: 10 * time.Second}
}

// SendOTLPgRPC calls the OTLP receiver by gRPC. A call without streams is one
// HTTP/2 request with a frame of five bytes before the message and the outcome
// in the trailer (grpc/grpc, doc/PROTOCOL-HTTP2.md), so that net/http does it.
func SendOTLPgRPC(ctx context.Context, target Target, trace Trace) error {
	doing := "send a trace by OTLP over gRPC to " + target.URL
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL+export, bytes.NewReader(framed(otlp(trace))))
	if err != nil {
		return fault.During(doing, err)
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	if target.Tenant != "" {
		request.Header.Set("X-Scope-OrgID", target.Tenant)
	}
	answer, err := withRetries(target.HTTP).Do(request) //nolint:bodyclose // retry.Read closes it
	if err != nil {
		return fault.During(doing, cause(err))
	}
	if _, err := retry.Read(answer); err != nil { // the trailer comes after it
		return fault.During(doing, err)
	}
	return fault.During(doing, outcome(answer))
}

// framed puts a message into a frame: not compressed, and its length.
func framed(message []byte) []byte {
	frame := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message))) //nolint:gosec // a few hundred bytes
	return append(frame, message...)
}

// outcome reads grpc-status, which is in the header when there is nothing but an
// outcome.
func outcome(answer *http.Response) error {
	status, words := answer.Trailer.Get("Grpc-Status"), answer.Trailer.Get("Grpc-Message")
	if status == "" {
		status, words = answer.Header.Get("Grpc-Status"), answer.Header.Get("Grpc-Message")
	}
	switch status {
	case "0":
		return nil
	case "":
		return &Refusal{Status: answer.StatusCode, Message: "this is not a gRPC server"}
	}
	if plain, err := url.PathUnescape(words); err == nil {
		words = plain
	}
	return &grpcRefusal{status, words}
}

// grpcRefusal is an outcome other than success.
type grpcRefusal struct{ status, words string }

func (r *grpcRefusal) Error() string {
	return fmt.Sprintf("gRPC status %s: %s", r.status, r.words)
}

// Unavailable reports a gRPC server that cannot take a call for the moment:
// RESOURCE_EXHAUSTED and UNAVAILABLE (grpc/grpc, doc/statuscodes.md).
func Unavailable(err error) bool {
	var refusal *grpcRefusal
	return errors.As(err, &refusal) && (refusal.status == "8" || refusal.status == "14")
}
