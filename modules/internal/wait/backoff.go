// SPDX-License-Identifier: AGPL-3.0-or-later

package wait

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Pace is how often something is looked at: after First, then after twice the
// time before, up to Longest.
type Pace struct{ First, Longest time.Duration }

// Within is Until for what mostly is so at once and sometimes takes long: it
// looks less and less often, and ends after limit at the latest. It returns how
// long it took.
func Within(ctx context.Context, what string, limit time.Duration, pace Pace, check Check) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begin, pause, last := time.Now(), pace.First, ""
	for {
		done, state, err := check(ctx)
		if done || (err != nil && ctx.Err() == nil) {
			return time.Since(begin), err
		}
		if state != "" && state != last {
			last = state
			Report(ctx, "%s: %s", what, state)
		}
		if !sleep(ctx, pause) {
			return time.Since(begin), fault.Doing("after "+limit.String(), ended(ctx, what, last))
		}
		pause = min(2*pause, pace.Longest)
	}
}
