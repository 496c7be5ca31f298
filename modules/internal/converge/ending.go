// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"context"
	"errors"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wire"
)

// gracePeriod is how long a run may go on after its timeout: to record how far it
// got, and to release what it holds.
const gracePeriod = 30 * time.Second

// ending gives up on a run that goes on after that. Everything in it has its own time
// limit; this is for what has none, such as a program that a kubeconfig names, or a
// file system that does not answer. The caller then ends the process.
func ending(ctx context.Context, run func() wire.Result) wire.Result {
	results, panics := make(chan wire.Result, 1), make(chan any, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				panics <- cause
			}
		}()
		results <- run()
	}()
	select {
	case result := <-results:
		return result
	case cause := <-panics:
		panic(cause)
	case <-closedAfter(ctx, gracePeriod):
		return failure(hungError(ctx), "end")
	}
}

func hungError(ctx context.Context) error {
	hint := "look at what it waits for: a program that the kubeconfig names under exec, or a file on a file system that does not answer"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.Timeout, hint, "end the run: it went on for %s after its time was over", gracePeriod)
	}
	return fault.New(fault.Timeout, hint, "end the run: it was still running %s after it should have ended", gracePeriod)
}

// closedAfter returns a channel that is closed that long after the context has ended.
func closedAfter(ctx context.Context, while time.Duration) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(while, func() { close(over) }) })
	return over
}
