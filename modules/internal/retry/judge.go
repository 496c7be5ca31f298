// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// outcome is how an attempt ended.
type outcome struct {
	request  *http.Request
	response *http.Response
	err      error
	// try counts from 1; took is the time since the first attempt began.
	try  int
	took time.Duration
}

// retryReason says why another attempt may succeed, "" when none may.
func (t *Transport) retryReason(ctx context.Context, o outcome) string {
	if ctx.Err() != nil || t.end.Err() != nil {
		return ""
	}
	reason, worth := t.classify(o)
	if worth != Always && o.try >= int(worth) {
		return ""
	}
	if timeout := t.timeout(ctx); timeout > 0 && o.took >= timeout {
		return ""
	}
	return reason
}

// unbounded is the timeout where neither policy nor context has one.
const unbounded = 2 * time.Minute

// timeout is 0 where the context alone bounds the retries.
func (t *Transport) timeout(ctx context.Context) time.Duration {
	if _, bounded := ctx.Deadline(); !bounded && t.policy.Timeout == 0 {
		return unbounded
	}
	return t.policy.Timeout
}

// classify says what went wrong temporarily, and how many attempts it is worth.
func (t *Transport) classify(o outcome) (reason string, _ Attempts) {
	if o.err != nil {
		return o.err.Error(), t.broken(o)
	}
	reason = "the server answers " + strconv.Itoa(o.response.StatusCode) + " " + http.StatusText(o.response.StatusCode)
	if o.request.Context().Value(verbatimKey{}) != nil {
		return reason, Once
	}
	switch o.response.StatusCode {
	case http.StatusTooManyRequests:
		return reason, Always
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return reason, t.policy.May(o.request, o.response.StatusCode)
	}
	return "", Once
}

// broken is Once where retrying changes nothing, or where a write may have been
// carried out.
func (t *Transport) broken(o outcome) Attempts {
	var unknown *net.DNSError
	var long *tooLong
	var late *silent
	var judged *fault.Error // by a transport below, which knows more
	known := t.answered.Load()
	switch {
	case errors.As(o.err, &judged) && judged.Kind != fault.Unreachable:
		return Once
	case fault.KindOf(o.err) == fault.TLS, errors.As(o.err, &unknown) && unknown.IsNotFound, errors.As(o.err, &long):
		return Once
	case errors.As(o.err, &late) && (!late.known || late.partial || o.try > 1): // it had its time
		return Once
	}
	worth := Always
	if !unsent(o.err) {
		worth = t.policy.May(o.request, 0)
	}
	if known || worth != Always {
		return worth
	}
	return t.policy.Unanswered
}

// unsent reports whether the request never left this host.
func unsent(err error) bool {
	var at *net.OpError
	return errors.As(err, &at) && at.Op == "dial"
}

// pause waits before the next attempt, if there is time for it.
func (t *Transport) pause(ctx context.Context, o outcome) bool {
	own := min(t.policy.Backoff.Initial<<min(o.try-1, 10), t.policy.Backoff.Max)
	own = own/2 + rand.N(own/2+1) //nolint:gosec // jitter, not security
	length := max(own, min(asked(o.response), t.limits(ctx).Asked))
	deadline, bounded := ctx.Deadline()
	timeout := t.timeout(ctx)
	if bounded && time.Until(deadline) <= length || timeout > 0 && timeout-o.took <= length {
		length = own // rather sooner than never
	}
	return wait.Pause(ctx, length)
}

// asked is how long a server asks to be left alone; 0 where it does not, or not
// validly.
func asked(response *http.Response) time.Duration {
	if response == nil {
		return 0
	}
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return time.Until(at)
	}
	return 0
}
