// SPDX-License-Identifier: AGPL-3.0-or-later

// Package startup recognises temporary failures of Tempo, Loki and Traefik that
// have just been started, and retries what failed because of them.
package startup

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Limit is how long to retry a server that should already listen, since Tempo
// says that it is ready: what is switched off should be reported soon.
const Limit = 15 * time.Second

// starting are words of servers whose parts do not know each other yet; they also come
// with status 500 or gRPC code 2 (grafana/dskit ring/ring.go, ring/batch.go and, for
// Tempo 3, ring/partition_ring.go).
var starting = []string{"empty ring", "unhealthy instances in the ring", "live replicas required", "no active partition found"}

// Temporary reports whether a failure may be over a moment later.
func Temporary(err error) bool {
	switch StatusOf(err) {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	for _, words := range starting {
		if err != nil && strings.Contains(err.Error(), words) {
			return true
		}
	}
	return notReached(err) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || tempo.Unavailable(err)
}

// notReached reports whether the request, or the API server's proxy, reached no server.
func notReached(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || apierrors.IsServiceUnavailable(err)
}

// StatusOf is the status of Tempo's, Loki's or Prometheus' refusal, or 0.
func StatusOf(err error) int {
	var refusal *retry.Refusal
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return tempo.StatusOf(err)
}

// Backoff is how often to look for something that mostly exists at once: a
// small cluster must not be asked too often if it does not.
var Backoff = wait.Backoff{Initial: 100 * time.Millisecond, Max: 5 * time.Second}

// Repeat retries what fails temporarily, up to limit, which does not interrupt
// an attempt. The error is that of the last attempt.
func Repeat(ctx context.Context, what string, limit time.Duration, attempt func(context.Context) error) error {
	var last error
	_, err := wait.Within(ctx, what, limit, Backoff, func(context.Context) (bool, string, error) {
		err := attempt(ctx)
		switch {
		case ctx.Err() != nil && last != nil: // the end of the run is not why it failed
			return false, "", nil
		case Temporary(err):
			last = err
			return false, err.Error(), nil
		}
		last = nil
		return true, "", err
	})
	if last != nil {
		return fault.During("after "+limit.String(), last)
	}
	return err
}
