// SPDX-License-Identifier: AGPL-3.0-or-later

package wait

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Backoff is how often something is looked at: after Initial, then each time after
// twice as long, up to Max.
type Backoff struct{ Initial, Max time.Duration }

// Within is Until for what is mostly done at once and sometimes takes long: it
// looks less and less often, and ends after limit at the latest. It returns how
// long it took.
func Within(ctx context.Context, what string, limit time.Duration, backoff Backoff, check Check) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begin := time.Now()
	last, done, err := poll(ctx, backoff, what+": ", check)
	if !done {
		err = fault.During("after "+limit.String(), timeoutError(ctx, what, last))
	}
	return time.Since(begin), err
}
