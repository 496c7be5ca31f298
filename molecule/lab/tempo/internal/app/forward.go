// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// forwarded are spans on their way from a distributor to a metrics generator.
type forwarded struct {
	tenant string
	body   []byte
}

// queued is how many requests wait for a metrics generator at most.
const queued = 100

// generate makes metrics of spans in this process; a failure does not keep them from being stored.
func (a *App) generate(tenant string, traces ptrace.Traces) {
	if a.generator == nil || !a.config.Overrides.Measures() {
		return
	}
	if err := a.generator.Push(tenant, traces); err != nil {
		failedToForward(err)
	}
}

// forward sends spans to a metrics generator of its own, if there is one that makes metrics of them. Nothing waits for that, and what
// does not fit into the queue is dropped.
func (a *App) forward(tenant string, body []byte) {
	if !a.config.Overrides.Measures() || len(a.ring.Of(generator)) == 0 {
		return
	}
	select {
	case a.forwards <- forwarded{tenant, body}:
	default:
		failedToForward(errors.New("queue is full"))
	}
}

// forwarding empties the queue until the context ends.
func (a *App) forwarding(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case one := <-a.forwards:
			all := a.ring.Of(generator)
			if len(all) == 0 {
				continue // it has left
			}
			if _, err := call(ctx, http.MethodPost, all[0], pathMeasure, one.tenant, one.body); err != nil {
				failedToForward(err)
			}
		}
	}
}

func failedToForward(err error) {
	slog.Warn("failed to forward request to metrics generator", "err", fmt.Errorf("failed to push spans to generator: %w", err))
}
