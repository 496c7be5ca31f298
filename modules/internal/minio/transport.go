// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Times between attempts double from firstPause to longestPause.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
	// fewTries bounds the attempts where repeating seldom helps: a server that
	// has never answered (wrong port?) and an internal error of the server.
	fewTries = 5
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
	// server is the Server header of the last answer, "" before the first.
	server atomic.Value
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
	config, err := access.tlsConfig()
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
	for try := 1; ; try++ {
		response, err := t.once(request.Clone(ctx), body)
		reason, tries := t.transient(ctx, response, err)
		if reason == "" || (tries > 0 && try >= tries) || !pause(ctx, try) {
			return response, err
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
	t.server.Store(response.Header.Get("Server"))
	answer, err := drained(response.Body)
	if err != nil {
		return nil, readable(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, nil
}

// drained reads and closes a body. Nil stays nil.
func drained(body io.ReadCloser) ([]byte, error) {
	if body == nil || body == http.NoBody {
		return nil, nil
	}
	defer body.Close() //nolint:errcheck // it was only read
	return io.ReadAll(body)
}

// transient says why another attempt may succeed, "" when none may, and how
// many attempts are worth it, 0 for as many as the time allows.
func (t *retrying) transient(ctx context.Context, response *http.Response, err error) (reason string, tries int) {
	if ctx.Err() != nil {
		return "", 0
	}
	if err != nil {
		return t.broken(err)
	}
	switch response.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "the server answers " + response.Status, 0
	case http.StatusInternalServerError:
		return "the server answers " + response.Status, fewTries
	}
	return "", 0
}

func (t *retrying) broken(err error) (reason string, tries int) {
	var unknown *net.DNSError
	switch {
	case fault.KindOf(err) == fault.TLS, asType(err, &unknown) && unknown.IsNotFound:
		return "", 0
	case t.answered.Load():
		return err.Error(), 0
	}
	return err.Error(), fewTries
}

// pause waits before the next attempt. It returns false, at once, when the
// deadline would pass meanwhile: the caller then still has the last failure to
// report, which says more than "deadline exceeded".
func pause(ctx context.Context, try int) bool {
	length := min(firstPause<<min(try-1, 10), longestPause)
	length = length/2 + rand.N(length/2) //nolint:gosec // spreads attempts, guards nothing
	if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) <= length {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(length):
		return true
	}
}
