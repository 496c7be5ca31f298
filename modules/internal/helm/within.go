// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// gracePeriod is how long Helm may go on after its context has ended: it notes in
// the release's record that it was stopped, and rolls an atomic change back.
const gracePeriod = 20 * time.Second

// within runs an operation of Helm, and does not wait for one that goes on after
// its context has ended. Helm looks at a context in a few places only, most of
// what it does takes none, and what it began it goes on with
// (helm.sh/helm/v3 v3.22.0, pkg/action/install.go, performInstallCtx).
func within[T any](ctx context.Context, operation func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		value, err := operation()
		ended <- outcome{value, err}
	}()
	select {
	case o := <-ended:
		return o.value, o.err
	case <-afterGracePeriod(ctx):
		var none T
		return none, fault.Wrap(fault.Timeout, "look at the state of the API server and run again: the next run finishes what this one began",
			"Helm does not end", context.Cause(ctx))
	}
}

// afterGracePeriod returns a channel that is closed a grace period after the context has ended.
func afterGracePeriod(ctx context.Context) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(gracePeriod, func() { close(over) }) })
	return over
}

// left caps a time to wait at the deadline of ctx.
func left(ctx context.Context, wanted time.Duration) time.Duration {
	if deadline, bounded := ctx.Deadline(); bounded {
		return max(min(wanted, time.Until(deadline)), time.Second)
	}
	return wanted
}
