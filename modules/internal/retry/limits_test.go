// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"net/http"
	"os"
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
		"shorter silence":      {"from the request's context", short, usual, &network{answers: []any{time.Hour}}, time.Second},
		"the run's silence":    {"for an SDK that passes no context", usual, short, &network{answers: []any{time.Hour}}, time.Second},
		"asked for a day":      {"it is retried sooner", usual, usual, &network{answers: []any{503, 200}, header: day}, 10 * time.Second},
		"asked, shorter":       {"from the request's context", short, usual, &network{answers: []any{503, 200}, header: day}, 2 * time.Second},
		"asked, of the run":    {"for an SDK that passes no context", usual, short, &network{answers: []any{503, 200}, header: day}, 2 * time.Second},
		"an answer in between": {"it needs neither", usual, usual, &network{answers: []any{3 * time.Second}}, 3 * time.Second},
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

// headers answers every request with headers, and no body.
type headers struct{ requests int }

func (h *headers) RoundTrip(request *http.Request) (*http.Response, error) {
	h.requests++
	return &http.Response{StatusCode: http.StatusOK, Body: blocked{request.Context()}}, nil
}

type blocked struct{ ctx context.Context } //nolint:containedctx // as the body of a real answer has

func (b blocked) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (blocked) Close() error { return nil }

// Headers alone do not make a server known: it had its time, and is not given
// more.
func TestHeaderWithoutBodyIsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://k", nil)
		require.NoError(t, err)
		begin, below := time.Now(), &headers{}
		_, err = New(below, Policy{Attempt: 45 * time.Second}).RoundTrip(request) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, 30*time.Second, time.Since(begin))
		require.Equal(t, 1, below.requests)
	})
}
