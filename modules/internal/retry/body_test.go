// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// drip is a body that yields a few bytes at a time.
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

// A request whose answer breaks off is repeated, even if long answers are
// streamed, as long as none of it has been handed to the caller.
func TestTruncatedStreamedAnswer(t *testing.T) {
	cutAfter := func(bytes int) io.ReadCloser {
		return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", bytes)), broken{}))
	}
	whole := func(bytes int) io.ReadCloser { return io.NopCloser(strings.NewReader(strings.Repeat("x", bytes))) }
	for name, test := range map[string]struct {
		reason   string
		method   string
		answers  []any
		requests int
		length   int
		fails    bool
	}{
		"within what is buffered":  {"the request is repeated", "GET", []any{cutAfter(5), cutAfter(0), whole(7)}, 3, 7, false},
		"as much as is buffered":   {"the request is repeated", "GET", []any{cutAfter(8), whole(8)}, 2, 8, false},
		"beyond it":                {"the caller has already read part of it", "GET", []any{cutAfter(9), whole(9)}, 1, 0, true},
		"long and whole":           {"nothing is lost in between", "GET", []any{whole(20)}, 1, 20, false},
		"of a write":               {"it may have been carried out", "POST", []any{cutAfter(5), whole(7)}, 1, 0, true},
		"of a write that may be":   {"the policy says that repeating is harmless", "PUT", []any{cutAfter(5), whole(7)}, 2, 7, false},
		"and does so for too long": {"the timeout ends it", "GET", []any{cutAfter(5)}, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				below := &network{answers: test.answers}
				policy := Policy{Streamed: true, Buffered: 8, Timeout: 10 * time.Second, May: func(r *http.Request, status int) Attempts {
					if r.Method == http.MethodPut {
						return Always
					}
					return Reads(r, status)
				}}
				if test.requests == 0 {
					below.answers = nil
					for range 100 {
						below.answers = append(below.answers, cutAfter(5))
					}
				}
				request, err := http.NewRequestWithContext(t.Context(), test.method, "http://k", nil)
				require.NoError(t, err)
				response, err := New(below, policy).RoundTrip(request)
				var data []byte
				if err == nil {
					data, err = Read(response)
				}
				require.Equal(t, test.fails, err != nil, test.reason)
				if err == nil {
					require.Len(t, data, test.length, test.reason)
				}
				if test.requests > 0 {
					require.Len(t, below.seen, test.requests, test.reason)
				}
			})
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		reason   string
		body     drip
		streamed bool
		says     string
		within   time.Duration
	}{
		"a few bytes a second":           {"it is too slow to be an answer", drip{1, 300 * time.Millisecond, 1 << 30}, false, "the server did not finish its answer within 30s", 31 * time.Second},
		"a few bytes a second, streamed": {"it is too slow to be an answer", drip{1, 300 * time.Millisecond, 1 << 30}, true, "the server did not finish its answer within 30s", 31 * time.Second},
		"slow and long":                  {"5 MiB at 64 KiB a second are accepted", drip{1 << 10, time.Second / 64, 5 << 20}, false, "", 81 * time.Second},
		"without end":                    {"memory is limited", drip{1 << 10, 0, 1 << 40}, false, "the server's answer is longer than 8 MiB", time.Second},
		"without end, streamed":          {"memory is limited", drip{1 << 10, 0, 1 << 40}, true, "the server's answer is longer than 8 MiB", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				response, err := New(&dripping{test.body}, Policy{Largest: 8 << 20, Streamed: test.streamed, Unanswered: Once}).RoundTrip(request)
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
