// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
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

// pause waits before the next attempt, if the deadline leaves the time for it.
func pause(ctx context.Context, try int) bool {
	length := min(firstPause<<min(try-1, 10), longestPause)
	length = length/2 + rand.N(length/2) //nolint:gosec // spreads attempts, guards nothing
	return wait.Pause(ctx, length)
}
