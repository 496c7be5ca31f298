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
	inner, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	ctx := lateContext{inner, time.Now().Add(10 * time.Millisecond)}
	calls := 0
	err := wait.Until(ctx, "the pods", 20*time.Millisecond, func(context.Context) (bool, string, error) {
		calls++
		if calls > 1 {
			return false, "", errors.New("rate: Wait(n=1) would exceed context deadline")
		}
		return false, "0/1", nil
	})
	require.EqualError(t, err, "wait for the pods: timed out: 0/1")
}
