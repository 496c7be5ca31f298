// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// network stands for everything below the transport: an answer for each
// attempt, the last one for all that follow.
type network struct {
	answers []any // a status, a *http.Response or an error
	seen    []string
	header  http.Header
}

func (n *network) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		data, _ := io.ReadAll(request.Body)
		body = string(data)
	}
	n.seen = append(n.seen, body)
	switch answer := n.answers[min(len(n.seen), len(n.answers))-1].(type) {
	case int:
		return &http.Response{StatusCode: answer, Header: n.header.Clone(), Body: io.NopCloser(strings.NewReader("text"))}, nil
	case time.Duration: // silence, unless the caller gives up first
		select {
		case <-time.After(answer):
		case <-request.Context().Done():
			return nil, request.Context().Err()
		}
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	case io.ReadCloser:
		return &http.Response{StatusCode: http.StatusOK, Body: answer}, nil
	case error:
		return nil, answer
	}
	panic("the test has no such answer")
}

var (
	errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
)

func TestRequestsAreRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		reason   string
		method   string
		policy   Policy
		known    bool
		answers  []any
		requests int
		status   int
	}{
		"answered":            {"nothing to repeat", "GET", Policy{}, false, []any{200}, 1, 200},
		"429 of a read":       {"as the server asks", "GET", Policy{}, false, []any{429, 200}, 2, 200},
		"429 of a write":      {"it was not carried out", "POST", Policy{}, false, []any{429, 429, 200}, 3, 200},
		"500 of a read":       {"it may be temporary", "GET", Policy{}, false, []any{500, 500, 200}, 3, 200},
		"permanent 500":       {"but not for long", "GET", Policy{}, false, []any{500}, 5, 500},
		"503 of a read":       {"the server is starting", "GET", Policy{}, false, []any{503, 503, 503, 503, 503, 503, 200}, 7, 200},
		"502 and 504":         {"the server behind a proxy is starting", "HEAD", Policy{}, false, []any{502, 504, 200}, 3, 200},
		"503 of a write":      {"nobody knows whether it was carried out", "POST", Policy{}, false, []any{503, 200}, 1, 503},
		"500 of a write":      {"it is unknown here, too", "DELETE", Policy{}, false, []any{500, 200}, 1, 500},
		"503 of a known PUT":  {"the policy says that repeating is harmless", "PUT", Policy{May: func(*http.Request, int) Attempts { return Always }}, false, []any{503, 200}, 2, 200},
		"404":                 {"it is an answer", "GET", Policy{}, false, []any{404}, 1, 404},
		"403":                 {"it is an answer", "GET", Policy{}, false, []any{403}, 1, 403},
		"501":                 {"it is permanent", "GET", Policy{}, false, []any{501}, 1, 501},
		"timeout":             {"a minute of 503 is too long for this policy", "GET", Policy{Timeout: 3 * time.Second}, false, []any{503}, 0, 503},
		"refused write":       {"it never left this host", "POST", Policy{}, true, []any{errRefused, 200}, 2, 200},
		"reset read":          {"reading again is harmless", "GET", Policy{}, true, []any{errReset, io.ErrUnexpectedEOF, 200}, 3, 200},
		"reset write":         {"it may have been carried out", "POST", Policy{}, true, []any{errReset, 200}, 1, 0},
		"refused by stranger": {"a wrong port is reported soon", "GET", Policy{}, false, []any{errRefused}, 5, 0},
		"stranger by policy":  {"at once", "GET", Policy{Unanswered: Once}, false, []any{errRefused}, 1, 0},
		"unknown host":        {"it remains unknown", "GET", Policy{}, true, []any{&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}}, 1, 0},
		"cut answer":          {"a truncated answer is not an answer", "GET", Policy{}, false, []any{cut(), cut(), 200}, 3, 200},
		"silent stranger":     {"it had enough time", "GET", Policy{}, false, []any{time.Hour}, 1, 0},
		"silent once":         {"a server that answers otherwise is retried", "GET", Policy{}, true, []any{time.Hour, 200}, 2, 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
				defer cancel()
				below := &network{answers: test.answers}
				transport := New(below, test.policy)
				transport.answered.Store(test.known)
				request, err := http.NewRequestWithContext(ctx, test.method, "http://k", strings.NewReader("body"))
				require.NoError(t, err)
				response, err := transport.RoundTrip(request)
				if test.status == 0 {
					require.Error(t, err, test.reason)
				} else {
					require.NoError(t, err, test.reason)
					require.Equal(t, test.status, response.StatusCode, test.reason)
					require.NoError(t, response.Body.Close())
				}
				if test.requests > 0 {
					require.Len(t, below.seen, test.requests, test.reason)
				}
				for _, body := range below.seen {
					require.Equal(t, "body", body, "each attempt sends the body from its start")
				}
			})
		})
	}
}

// cut is a body that breaks off.
func cut() io.ReadCloser {
	return io.NopCloser(io.MultiReader(strings.NewReader("half"), broken{}))
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestVerbatim(t *testing.T) {
	below := &network{answers: []any{503, 200}}
	request, err := http.NewRequestWithContext(Verbatim(context.Background()), http.MethodGet, "http://k", nil)
	require.NoError(t, err)
	response, err := New(below, Policy{}).RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 503, response.StatusCode, "a status query wants the answer as it is")
}

// What the server said last says more than that the time is up.
func TestLastAnswerIsReported(t *testing.T) {
	for name, silent := range map[string]bool{"between two attempts": false, "in the middle of an attempt": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				answers := []any{503, 503, 503}
				if silent {
					answers = append(answers[:2], time.Hour)
				}
				request, err := http.NewRequestWithContext(Patient(ctx), http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				response, err := New(&network{answers: answers}, Policy{}).RoundTrip(request)
				require.NoError(t, err)
				require.Equal(t, 503, response.StatusCode)
				require.NoError(t, response.Body.Close())
			})
		})
	}
}

// So does the fault of an earlier attempt; an answer says more than either.
func TestLastErrorIsReported(t *testing.T) {
	cases := map[string]struct {
		reason  string
		answers []any
		fault   string
		status  int
	}{
		"refused, then silent":  {"it has never answered", []any{errRefused, time.Hour}, errRefused.Error(), 0},
		"answer, then refused":  {"the server was up", []any{503, errRefused, time.Hour}, "", 503},
		"silent from the start": {"there is nothing else to report", []any{time.Hour}, context.DeadlineExceeded.Error(), 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				request, err := http.NewRequestWithContext(Patient(ctx), http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				response, err := New(&network{answers: test.answers}, Policy{}).RoundTrip(request)
				if test.fault != "" {
					require.ErrorContains(t, err, test.fault, test.reason)
					return
				}
				require.NoError(t, err, test.reason)
				require.Equal(t, test.status, response.StatusCode, test.reason)
				require.NoError(t, response.Body.Close())
			})
		})
	}
}

func TestTLSErrorsAreNotRepeated(t *testing.T) {
	below := &network{answers: []any{errors.New("http: server gave HTTP response to HTTPS client")}}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://k", nil)
	require.NoError(t, err)
	_, err = New(below, Policy{}).RoundTrip(request) //nolint:bodyclose // there is none
	require.Error(t, err)
	require.Len(t, below.seen, 1, fmt.Sprint(err))
}

// A library makes transports of its own from one configuration.
func TestTransportsShareWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrap := Shared(Policy{Timeout: 15 * time.Second, Unanswered: Once})
		working, away := &network{answers: []any{200}}, &network{answers: []any{errReset}}
		send := func(transport http.RoundTripper) (*http.Response, error) {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
			require.NoError(t, err)
			return transport.RoundTrip(request)
		}
		response, err := send(wrap(working))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		begin := time.Now()
		_, err = send(wrap(away)) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, errReset)
		require.Greater(t, time.Since(begin), 10*time.Second, "the server has answered the other client")
		begin = time.Now()
		_, err = send(wrap(away)) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, errReset)
		require.Zero(t, time.Since(begin), "it has already been down for too long")
	})
}

// An SDK that passes on no context is bounded by the run's end.
func TestRunDeadlineEndsEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
		require.NoError(t, err)
		_, err = New(&network{answers: []any{time.Hour}}, Policy{}).Ending(run).RoundTrip(request) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, errOver)
		require.Equal(t, 2*time.Second, time.Since(begin))
	})
}

func TestLongOutageIsNotWaitedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := &network{answers: []any{errReset}}
		transport := New(below, Policy{Timeout: 15 * time.Second, Unanswered: Once})
		transport.answered.Store(true)
		for range 2 {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://k", nil)
			require.NoError(t, err)
			_, err = transport.RoundTrip(request) //nolint:bodyclose // there is none
			require.ErrorIs(t, err, errReset)
		}
		first := len(below.seen) - 1
		require.Greater(t, first, 5)
	})
}
