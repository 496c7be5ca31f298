// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// A request that no run reached is no proof of anything.
func TestUnbroken(t *testing.T) {
	cases := map[string]struct {
		reason string
		came   []outcome
		want   []string
	}{
		"never reached":    {"the table says nothing of it", []outcome{notAsked, notAsked}, []string{"API: GET /version"}},
		"reached once":     {"a run may end before the second time", []outcome{notAsked, next}, nil},
		"always reached":   {"it was broken", []outcome{converged, next}, nil},
		"wrong, but there": {"the case fails by itself", []outcome{wrong}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			table := newTable("task")
			for i, came := range test.came {
				table.note(point{server: "API", request: "GET /version", time: i + 1}, faults[i].name, came)
			}
			require.ElementsMatch(t, test.want, table.unbroken(), test.reason)
		})
	}
}

// A run has as long as it needs until its request is broken.
func TestARunEndsOnceItsRequestIsBroken(t *testing.T) {
	ctx := &cut{Context: t.Context(), over: make(chan struct{})}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	require.NoError(t, within.Err())
	close(ctx.over)
	<-within.Done()
	require.ErrorIs(t, within.Err(), context.DeadlineExceeded, "as if a deadline had passed")
}
