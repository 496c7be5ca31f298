// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/picluster/tracing/modules/internal/wait"
)

// Transport repeats what its policy lets it repeat. It is safe for use by
// several goroutines.
type Transport struct {
	next   http.RoundTripper
	policy Policy
	// end ends every request, whatever its own context says.
	end context.Context //nolint:containedctx // SDKs make requests without the run's
	// answered is set by an answer: the server is then known to be the right one,
	// and worth waiting for. An outage that was too long resets it, so that later
	// requests do not wait as long again.
	answered *atomic.Bool
}

// New wraps a transport with a policy.
func New(next http.RoundTripper, policy Policy) *Transport {
	return &Transport{next: next, policy: policy.filled(), end: context.Background(), answered: &atomic.Bool{}}
}

// Shared wraps several transports to one server with a policy. What one of them
// learns about the server, all know.
func Shared(policy Policy) func(next http.RoundTripper) http.RoundTripper {
	answered := &atomic.Bool{}
	return func(next http.RoundTripper) http.RoundTripper {
		transport := New(next, policy)
		transport.answered = answered
		return transport
	}
}

// Ending ends every request with ctx as well, even those of SDKs that pass on no
// context. It returns its receiver.
func (t *Transport) Ending(ctx context.Context) *Transport {
	t.end = ctx
	return t
}

// Unwrap returns the transport below.
func (t *Transport) Unwrap() http.RoundTripper { return t.next }

type patientKey struct{}

// Patient hides a context's deadline from an SDK, and leaves it to the
// transport alone. SDKs whose context has ended return "deadline exceeded"
// instead of what the server said last, which is what the user needs.
func Patient(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), patientKey{}, ctx)
}

type verbatimKey struct{}

// Verbatim marks requests that ask how something is: their answer is returned
// as it is, even one that might pass.
func Verbatim(ctx context.Context) context.Context {
	return context.WithValue(ctx, verbatimKey{}, true)
}

// bounds is the context that ends a request: the one that Patient hid, if any.
func bounds(request *http.Request) context.Context {
	if hidden, ok := request.Context().Value(patientKey{}).(context.Context); ok {
		return hidden
	}
	return request.Context()
}

// RoundTrip sends the request as often as it takes.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	fresh, err := repeatable(request)
	if err != nil {
		return nil, err
	}
	ctx, begin := bounds(request), time.Now()
	var before outcome // what the server said last
	for try := 1; ; try++ {
		response, err := t.once(ctx, fresh)
		o := outcome{request, response, err, try, time.Since(begin)}
		if err != nil && try > 1 && ctx.Err() != nil {
			t.noteOutage(o)
			return before.response, inWords(before.err)
		}
		reason := t.retryReason(ctx, o)
		if reason == "" || !t.pause(ctx, o) {
			return t.final(o)
		}
		if response != nil || before.response == nil {
			before = o
		}
		wait.Report(ctx, "%s: %s; trying again", request.URL.Host, reason)
	}
}

// final returns the outcome after which nothing is tried. It drops Retry-After,
// so that clients do not begin retries of their own.
func (t *Transport) final(o outcome) (*http.Response, error) {
	t.noteOutage(o)
	if o.response != nil {
		o.response.Header.Del("Retry-After")
	}
	return o.response, inWords(o.err)
}

// noteOutage notes an outage that was too long to be waited for again.
func (t *Transport) noteOutage(o outcome) {
	var late *silent
	if errors.As(o.err, &late) || o.err != nil && t.policy.Timeout > 0 && o.took >= t.policy.Timeout {
		t.answered.Store(false)
	}
}

// repeatable returns a function that builds the request again, with its body
// from the start.
func repeatable(request *http.Request) (func(context.Context) *http.Request, error) {
	if request.Body == nil || request.Body == http.NoBody {
		return request.Clone, nil
	}
	body, err := io.ReadAll(request.Body) // those of this program are short
	_ = request.Body.Close()
	return func(ctx context.Context) *http.Request {
		attempt := request.Clone(ctx)
		attempt.Body = io.NopCloser(bytes.NewReader(body))
		return attempt
	}, err
}

// once makes one attempt.
func (t *Transport) once(ctx context.Context, fresh func(context.Context) *http.Request) (*http.Response, error) {
	clock := t.clock(ctx)
	attempt := fresh(clock.ctx)
	response, err := t.next.RoundTrip(attempt)
	if err != nil {
		return nil, clock.ended(err)
	}
	t.answered.Store(true)
	body := &timed{clock: clock, inner: orNone(response.Body), left: t.policy.Largest, largest: t.policy.Largest}
	response.Body = body
	lasting := response.StatusCode == http.StatusSwitchingProtocols || t.policy.Lasting(attempt) && response.StatusCode == http.StatusOK
	switch {
	case lasting:
		clock.disarm()
		body.lasting = true
		return response, nil
	case t.policy.Streamed && response.StatusCode < http.StatusBadRequest:
		return peek(response, t.policy.Buffered)
	}
	return readWhole(response)
}

func orNone(body io.ReadCloser) io.ReadCloser {
	if body == nil {
		return http.NoBody
	}
	return body
}
