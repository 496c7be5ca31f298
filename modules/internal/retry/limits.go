// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"time"
)

// Limits bound the wait for one server, whatever the policy says.
type Limits struct {
	// Silence is how long a server that has never answered may take to answer.
	Silence time.Duration
	// Asked bounds what a server may ask for with Retry-After: a proxy that says
	// an hour is asked again sooner.
	Asked time.Duration
}

// DefaultLimits are the limits where a context sets none.
var DefaultLimits = Limits{Silence: firstAnswer, Asked: 10 * time.Second}

type limitsKey struct{}

// WithLimits gives the requests of a context limits of their own.
func WithLimits(ctx context.Context, limits Limits) context.Context {
	return context.WithValue(ctx, limitsKey{}, limits)
}

// limits are those of a request, else those of the run, for SDKs that pass on no
// context.
func (t *Transport) limits(ctx context.Context) Limits {
	for _, one := range []context.Context{ctx, t.end} {
		if limits, ok := one.Value(limitsKey{}).(Limits); ok {
			return limits
		}
	}
	return DefaultLimits
}
