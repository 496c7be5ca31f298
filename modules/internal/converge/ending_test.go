// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/wire"
)

func TestHungRunIsAbandoned(t *testing.T) {
	for name, test := range map[string]struct {
		reason    string
		takes     time.Duration
		cancelled bool
		says      any
		took      time.Duration
	}{
		"in time":   {"its own result", time.Minute, false, nil, time.Minute},
		"tidies up": {"its own result", 2*time.Minute + 5*time.Second, false, nil, 2*time.Minute + 5*time.Second},
		"forever":   {"some step has no timeout", time.Hour, false, "end the run: it went on for 30s after its time was over", 2*time.Minute + gracePeriod},
		"signalled": {"a signal ends it as well", time.Hour, true, "end the run: it was still running 30s after it should have ended", gracePeriod},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
				defer cancel()
				if test.cancelled {
					cancel()
				}
				begin := time.Now()
				result := ending(ctx, func() wire.Result {
					time.Sleep(test.takes)
					return wire.Result{}
				})
				require.Equal(t, test.says, result["msg"], test.reason)
				require.Equal(t, test.took, time.Since(begin), test.reason)
				time.Sleep(test.takes) // what goes on has to end before the test
			})
		})
	}
}

func TestPanicIsPropagated(t *testing.T) {
	require.PanicsWithValue(t, "a fault of the program", func() {
		ending(context.Background(), func() wire.Result { panic("a fault of the program") })
	})
}
