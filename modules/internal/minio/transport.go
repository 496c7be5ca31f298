// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/wait"
)

// retrying repeats requests that failed for the moment, until the context's
// deadline. The SDKs have retries of their own, but count attempts instead of
// time, differ from each other, and do not repeat an answer that breaks off in
// its middle; so they are switched off and this one is below both. Requests
// and answers of this package are small, so both are held in memory.
type retrying struct {
	next http.RoundTripper
	// answered is set once the server has answered anything: from then on it is
	// known to be the right one, and worth waiting for.
	answered atomic.Bool
	answers
}

type patientKey struct{}

// Patient hides a context's end from the SDKs, and leaves it to the transport
// alone. Both SDKs answer with "deadline exceeded" when their context has ended
// meanwhile, whatever the server said last, which is what the user needs.
func Patient(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), patientKey{}, ctx)
}

// bounds is the context that ends a request: the one that Patient hid, if any.
func bounds(request *http.Request) context.Context {
	if hidden, ok := request.Context().Value(patientKey{}).(context.Context); ok {
		return hidden
	}
	return request.Context()
}

func newTransport(access Access) (*retrying, error) {
	config, err := certificate.Files{Validate: access.ValidateCerts, CA: access.CACert, ClientCert: access.ClientCert, ClientKey: access.ClientKey}.Config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &retrying{next: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		DisableCompression:    true, // as minio-go's own transport: S3 signs and counts raw bytes
	}}, nil
}

// RoundTrip sends the request as often as it takes.
func (t *retrying) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := drained(request.Body)
	if err != nil {
		return nil, err
	}
	ctx := bounds(request)
	var before *http.Response // what the server said last
	for try := 1; ; try++ {
		response, err := t.once(request.Clone(ctx), body)
		if err != nil && before != nil && ctx.Err() != nil {
			return before, nil
		}
		reason, tries := t.transient(ctx, response, err)
		if reason == "" || (tries > 0 && try >= tries) || !pause(ctx, try) {
			return response, err
		}
		if response != nil {
			before = response
		}
		wait.Report(ctx, "%s: %s; trying again", request.URL.Host, reason)
	}
}

// once sends the request and reads the whole answer.
func (t *retrying) once(attempt *http.Request, body []byte) (*http.Response, error) {
	if body != nil {
		attempt.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := t.next.RoundTrip(attempt)
	if err != nil {
		return nil, readable(err)
	}
	t.answered.Store(true)
	answer, err := drained(response.Body)
	if err != nil {
		return nil, readable(err)
	}
	t.note(response, answer)
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, nil
}

// drained reads and closes a body. Nil stays nil.
func drained(body io.ReadCloser) ([]byte, error) {
	if body == nil || body == http.NoBody {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}
