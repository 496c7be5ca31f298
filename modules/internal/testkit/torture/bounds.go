// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"context"
	"testing"
	"time"

	"github.com/picluster/tracing/modules/internal/retry"
)

// patience is how long a run may go on after its request was broken, if that stays
// so: until then it has as long as it needs, however busy the machine is.
const patience = 6 * time.Second

// limits end the wait for a silent server that has never answered before patience
// does.
var limits = retry.Limits{Silence: 4 * time.Second, Asked: time.Second}

// bounds is the context of a run whose request is broken.
func (one trial) bounds(t *testing.T, watch *watch) context.Context {
	t.Helper()
	mute := one.fault.name == "silent"
	ctx := &cut{Context: t.Context(), over: make(chan struct{})}
	if one.always && one.fault.name != "slow" || mute && !All() { // once, it takes the client half a minute
		watch.first = func() { time.AfterFunc(patience, func() { close(ctx.over) }) }
	}
	if !mute {
		return ctx
	}
	return retry.WithLimits(ctx, limits)
}

// cut is a context whose deadline passes at a moment that is not known beforehand.
type cut struct {
	context.Context //nolint:containedctx // its values
	over            chan struct{}
}

// Done is closed at the deadline.
func (c *cut) Done() <-chan struct{} { return c.over }

// Err is that of a deadline.
func (c *cut) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
