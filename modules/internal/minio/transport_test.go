// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// shaky answers the first requests by bad, and the others with what they sent.
func shaky(t *testing.T, failures int, bad http.HandlerFunc) (url string, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if int(requests.Add(1)) <= failures {
			bad(w, r)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func saying(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// answer is what came back.
type answer struct {
	status int
	body   string
}

// send makes one PUT through a new transport.
func send(t *testing.T, url string, limit time.Duration) (answer, error) {
	t.Helper()
	transport, err := newTransport(Access{})
	require.NoError(t, err)
	return put(t, transport, url, limit)
}

func put(t *testing.T, transport http.RoundTripper, url string, limit time.Duration) (answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader([]byte("whole body")))
	require.NoError(t, err)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, string(body)}, response.Body.Close()
}

func TestRequestsAreRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		reason   string
		failures int
		bad      http.HandlerFunc
		status   int
		requests int32
	}{
		"unavailable":              {"a busy or starting server says 503", 3, saying(503), 200, 4},
		"bad gateway":              {"a proxy whose server restarts says 502", 2, saying(502), 200, 3},
		"too many requests":        {"as the server asks", 1, saying(429), 200, 2},
		"break in answer":          {"a truncated answer is not an answer", 2, func(w http.ResponseWriter, _ *http.Request) { testkit.Reset(w) }, 200, 3},
		"internal error":           {"it may be temporary", 2, saying(500), 200, 3},
		"permanent internal error": {"but not for long", 99, saying(500), 500, 5},
		"denied":                   {"asking again changes nothing", 99, saying(403), 403, 1},
		"absent":                   {"404 is an answer", 99, saying(404), 404, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, requests := shaky(t, test.failures, test.bad)
			response, err := send(t, url, 20*time.Second)
			require.NoError(t, err, test.reason)
			require.Equal(t, test.status, response.status, test.reason)
			require.Equal(t, test.requests, requests.Load(), test.reason)
			if test.status == http.StatusOK {
				require.Equal(t, "whole body", response.body, "each attempt sends the body from its start")
			}
		})
	}
}

// network stands for all that is below the transport.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(request *http.Request) (*http.Response, error) { return n(request) }

// A server that is busy for longer than the request may take.
func TestLastFailureIsReportedInsteadOfTheDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		silent bool // from the third attempt on
		most   time.Duration
	}{
		"between two attempts":        {"it gives up if the next attempt would be too late", false, time.Second - 1},
		"in the middle of an attempt": {"a busy server says more than a timeout", true, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts, start := 0, time.Now()
				transport := repeating(network(func(request *http.Request) (*http.Response, error) {
					if attempts++; test.silent && attempts > 2 {
						<-request.Context().Done()
						return nil, request.Context().Err()
					}
					return &http.Response{StatusCode: 503, Body: http.NoBody}, nil
				}))
				response, err := put(t, transport, "http://minio.example", time.Second)
				require.NoError(t, err, test.reason)
				require.Equal(t, 503, response.status, test.reason)
				require.Greater(t, attempts, 2)
				require.LessOrEqual(t, time.Since(start), test.most)
			})
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	start := time.Now()
	_, err = send(t, "http://"+listener.Addr().String(), time.Minute)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.Less(t, time.Since(start), 10*time.Second, "a wrong port is reported soon, not after the whole timeout")
}

func TestServerThatHasAnsweredIsRetried(t *testing.T) {
	t.Parallel()
	transport, err := newTransport(Access{})
	require.NoError(t, err)
	first := httptest.NewServer(saying(200))
	_, err = put(t, transport, first.URL, 30*time.Second)
	require.NoError(t, err)
	first.Close()
	go func() {
		time.Sleep(3 * time.Second) // longer than a stranger would be given
		listener, err := net.Listen("tcp", strings.TrimPrefix(first.URL, "http://"))
		if err != nil {
			return // the request below then fails the test
		}
		again := &http.Server{Handler: saying(204), ReadHeaderTimeout: time.Minute}
		t.Cleanup(func() { _ = again.Close() })
		_ = again.Serve(listener)
	}()
	response, err := put(t, transport, first.URL, 30*time.Second)
	require.NoError(t, err)
	require.Equal(t, 204, response.status)
}

func TestTruncatedAnswerIsReported(t *testing.T) {
	t.Parallel()
	url, _ := shaky(t, 1000, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	})
	_, err := send(t, url, time.Second)
	require.EqualError(t, err, "the connection broke off in the middle of the answer")
	require.Equal(t, fault.Unreachable, fault.KindOf(err))
}
