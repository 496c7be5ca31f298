// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// shaky fails some requests before it answers.
type shaky struct {
	failures []error
	bodies   []string
}

func (s *shaky) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		read, _ := io.ReadAll(r.Body)
		body = string(read)
	}
	s.bodies = append(s.bodies, body)
	if n := len(s.bodies); n <= len(s.failures) {
		return nil, s.failures[n-1]
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestOutliving(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	cases := map[string]struct {
		reason   string
		method   string
		seen     bool
		failures []error
		want     error
		requests int
	}{
		"answered":      {"nothing to outlive", http.MethodGet, true, nil, nil, 1},
		"refused":       {"it never arrived", http.MethodPost, true, []error{refused}, nil, 2},
		"reset":         {"a patch may be sent twice", http.MethodPatch, true, []error{reset}, nil, 2},
		"reset create":  {"it may have been carried out", http.MethodPost, true, []error{reset}, reset, 1},
		"reset delete":  {"the second would say not found", http.MethodDelete, true, []error{reset}, reset, 1},
		"never there":   {"a wrong address is told at once", http.MethodGet, false, []error{refused}, refused, 1},
		"ends of a TCP": {"the server was killed", http.MethodGet, true, []error{io.ErrUnexpectedEOF, io.EOF}, nil, 3},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &atomic.Bool{}
			seen.Store(test.seen)
			next := &shaky{failures: test.failures}
			request, err := http.NewRequest(test.method, "http://k", strings.NewReader("body"))
			require.NoError(t, err)
			response, err := steady{next, seen}.RoundTrip(request)
			require.ErrorIs(t, err, test.want, test.reason)
			if response != nil {
				require.NoError(t, response.Body.Close())
			}
			require.Len(t, next.bodies, test.requests, test.reason)
			for _, body := range next.bodies {
				require.Equal(t, "body", body, "the whole body each time")
			}
		})
	}
}
