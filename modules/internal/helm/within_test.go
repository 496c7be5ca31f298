// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestHelmCallIsAbandonedAfterTheTimeout(t *testing.T) {
	failed := errors.New("failed")
	for name, test := range map[string]struct {
		reason string
		takes  time.Duration
		err    error
		says   string
		took   time.Duration
	}{
		"in time":    {"Helm's own result", time.Second, nil, "", time.Second},
		"fails":      {"Helm's own result", time.Second, failed, "failed", time.Second},
		"a bit late": {"the outcome is still recorded", time.Minute + 5*time.Second, failed, "failed", time.Minute + 5*time.Second},
		"forever":    {"cancelling does not stop it", time.Hour, nil, "Helm does not end: context deadline exceeded", time.Minute + gracePeriod},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				begin := time.Now()
				_, err := within(ctx, func() (int, error) {
					time.Sleep(test.takes)
					return 0, test.err
				})
				require.Equal(t, test.took, time.Since(begin), test.reason)
				time.Sleep(test.takes) // what goes on has to end before the test
				if test.says == "" {
					require.NoError(t, err)
					return
				}
				require.EqualError(t, err, test.says, test.reason)
				if test.err == nil {
					require.Equal(t, fault.Timeout, fault.KindOf(err))
				}
			})
		})
	}
}

func TestWaitEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.Equal(t, 10*time.Second, left(ctx, 10*time.Second))
	require.LessOrEqual(t, left(ctx, time.Hour), time.Minute)
	require.Equal(t, time.Hour, left(context.Background(), time.Hour))
}
