// SPDX-License-Identifier: AGPL-3.0-or-later

package wait_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/wait"
)

// lateContext is a context whose deadline has passed but that has not ended yet,
// as a real one may be for some microseconds.
type lateContext struct {
	context.Context
	deadline time.Time
}

func (c lateContext) Deadline() (time.Time, bool) { return c.deadline, true }

func TestErrorAtTheDeadlineIsATimeout(t *testing.T) {
	cases := map[string]struct {
		reason string
		done   bool
		state  string
	}{
		"not done":         {"a client's own limit fails a moment before the deadline", false, ""},
		"done":             {"what could not be read looks as if it were gone", true, ""},
		"a state, perhaps": {"what was seen last counts, not what a failed look makes of nothing", true, "1/1"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			inner, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			ctx := lateContext{inner, time.Now().Add(10 * time.Millisecond)}
			calls := 0
			err := wait.Until(ctx, "the pods", 20*time.Millisecond, func(context.Context) (bool, string, error) {
				calls++
				if calls > 1 {
					return test.done, test.state, errors.New("rate: Wait(n=1) would exceed context deadline")
				}
				return false, "0/1", nil
			})
			require.EqualError(t, err, "wait for the pods: timed out: 0/1", test.reason)
		})
	}
}

func TestNothingWasSeen(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := wait.Until(ctx, "the pods", time.Hour, func(ctx context.Context) (bool, string, error) {
		<-ctx.Done()
		return true, "", errors.New("read pods: context deadline exceeded")
	})
	require.EqualError(t, err, "wait for the pods: timed out: read pods: context deadline exceeded")
}

func TestAnErrorBeforeTheDeadlineEndsTheWait(t *testing.T) {
	refused := errors.New("refused")
	for _, done := range []bool{false, true} {
		err := wait.Until(t.Context(), "the pods", time.Hour, func(context.Context) (bool, string, error) { return done, "0/1", refused })
		require.Equal(t, refused, err)
	}
}
