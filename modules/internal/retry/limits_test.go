// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLimits(t *testing.T) {
	short := func(ctx context.Context) context.Context {
		return WithLimits(ctx, Limits{Silence: time.Second, Asked: 2 * time.Second})
	}
	usual := func(ctx context.Context) context.Context { return ctx }
	day := http.Header{"Retry-After": {"86400"}}
	for name, test := range map[string]struct {
		reason       string
		request, run func(context.Context) context.Context
		below        *network
		took         time.Duration
	}{
		"silence":              {"what the documentation of the modules promises", usual, usual, &network{answers: []any{time.Hour}}, 30 * time.Second},
		"shorter silence":      {"of the request's context", short, usual, &network{answers: []any{time.Hour}}, time.Second},
		"the run's silence":    {"for an SDK that hands on no context", usual, short, &network{answers: []any{time.Hour}}, time.Second},
		"asked for a day":      {"is asked again sooner", usual, usual, &network{answers: []any{503, 200}, header: day}, 10 * time.Second},
		"asked, shorter":       {"of the request's context", short, usual, &network{answers: []any{503, 200}, header: day}, 2 * time.Second},
		"asked, of the run":    {"for an SDK that hands on no context", usual, short, &network{answers: []any{503, 200}, header: day}, 2 * time.Second},
		"an answer in between": {"needs neither", usual, usual, &network{answers: []any{3 * time.Second}}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				request, err := http.NewRequestWithContext(test.request(t.Context()), http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				begin := time.Now()
				response, err := New(test.below, Policy{}).Ending(test.run(t.Context())).RoundTrip(request)
				if err == nil {
					require.NoError(t, response.Body.Close())
				}
				require.Equal(t, test.took, time.Since(begin), test.reason)
			})
		})
	}
}
