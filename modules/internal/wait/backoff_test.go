// SPDX-License-Identifier: AGPL-3.0-or-later

package wait_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// after is a check that is done at a time.
func after(at time.Time, looks *[]time.Duration, begin time.Time) wait.Check {
	return func(context.Context) (bool, string, error) {
		*looks = append(*looks, time.Since(begin))
		return !time.Now().Before(at), "not yet", nil
	}
}

func TestWithin(t *testing.T) {
	backoff := wait.Backoff{Initial: 100 * time.Millisecond, Max: 5 * time.Second}
	cases := map[string]struct {
		reason string
		ready  time.Duration
		looks  int
		last   time.Duration
		fails  string
	}{
		"at once":  {"a single attempt", 0, 1, 0, ""},
		"soon":     {"attempts are frequent at first", 250 * time.Millisecond, 3, 300 * time.Millisecond, ""},
		"30 s":     {"a dozen attempts in half a minute", 30 * time.Second, 12, 31300 * time.Millisecond, ""},
		"too late": {"the limit is observed", time.Hour, 17, 0, "after 1m0s: wait for it: timed out: not yet"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var looks []time.Duration
				begin := time.Now()
				took, err := wait.Within(context.Background(), "it", time.Minute, backoff, after(begin.Add(test.ready), &looks, begin))
				require.Len(t, looks, test.looks, test.reason)
				if test.fails != "" {
					require.EqualError(t, err, test.fails, test.reason)
					require.Equal(t, fault.Timeout, fault.KindOf(err))
					require.Equal(t, time.Minute, took)
					return
				}
				require.NoError(t, err)
				require.Equal(t, test.last, took, test.reason)
			})
		})
	}
}

func TestWithinEndsWithAnError(t *testing.T) {
	refused := errors.New("refused")
	_, err := wait.Within(context.Background(), "it", time.Minute, wait.Backoff{Initial: time.Hour, Max: time.Hour},
		func(context.Context) (bool, string, error) { return false, "", refused })
	require.ErrorIs(t, err, refused)
}
