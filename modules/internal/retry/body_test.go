// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// drip is a body that gives a few bytes at a time.
type drip struct {
	bytes int
	pause time.Duration
	left  int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.left -= d.bytes; d.left < 0 {
		return 0, io.EOF
	}
	time.Sleep(d.pause)
	return min(d.bytes, len(p)), nil
}

// dripping ends with its request, as a connection does.
type dripping struct{ drip }

func (d *dripping) RoundTrip(request *http.Request) (*http.Response, error) {
	body := &cancelled{request.Context(), d.drip}
	return &http.Response{StatusCode: http.StatusOK, Body: body}, nil
}

type cancelled struct {
	ctx context.Context
	drip
}

func (c *cancelled) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, c.ctx.Err()
	}
	return c.drip.Read(p)
}

func (*cancelled) Close() error { return nil }

func TestAnswersAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		reason   string
		body     drip
		streamed bool
		says     string
		within   time.Duration
	}{
		"a few bytes a second":           {"is no answer", drip{1, 300 * time.Millisecond, 1 << 30}, false, "the server did not finish its answer within 30s", 31 * time.Second},
		"a few bytes a second, streamed": {"is no answer", drip{1, 300 * time.Millisecond, 1 << 30}, true, "the server did not finish its answer within 30s", 31 * time.Second},
		"slow and long":                  {"5 MiB at 64 KiB a second are waited for", drip{1 << 10, time.Second / 64, 5 << 20}, false, "", 81 * time.Second},
		"without end":                    {"memory has an end", drip{1 << 10, 0, 1 << 40}, false, "the server's answer is longer than 8 MiB", time.Second},
		"without end, streamed":          {"memory has an end", drip{1 << 10, 0, 1 << 40}, true, "the server's answer is longer than 8 MiB", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				response, err := New(&dripping{test.body}, Policy{Largest: 8 << 20, Streamed: test.streamed, Strangers: Once}).RoundTrip(request)
				if err == nil {
					_, err = Read(response)
				}
				if test.says == "" {
					require.NoError(t, err, test.reason)
				} else {
					require.EqualError(t, err, test.says, test.reason)
				}
				require.LessOrEqual(t, time.Since(begin), test.within, test.reason)
			})
		})
	}
}

func TestSilenceIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
		require.NoError(t, err)
		_, err = New(&network{answers: []any{time.Hour}}, Policy{Attempt: time.Minute}).RoundTrip(request) //nolint:bodyclose // there is none
		require.EqualError(t, err, "the server took the connection and said nothing for 30s")
		require.Equal(t, fault.Timeout, fault.KindOf(err))
	})
}
