// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// outage is how long an API server may be away in the middle of a run: the
// restart of a k3s server takes about ten seconds. It is less than a lease holds,
// so that nobody takes over meanwhile.
const outage = term - 5*time.Second

// outliving makes requests outlive a short outage of an API server that has
// answered before. One that never did is not waited for.
func outliving(config *rest.Config) {
	seen := &atomic.Bool{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return steady{next, seen} })
}

type steady struct {
	next http.RoundTripper
	// seen is set by an answer, and taken back by an outage that was too long: the
	// requests after it do not wait as long again.
	seen *atomic.Bool
}

// RoundTrip passes a request on, again and again while the API server is away.
func (s steady) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(request)
	begin := time.Now()
	for pause := 250 * time.Millisecond; s.again(request, err) && time.Since(begin) < outage; pause = min(2*pause, 2*time.Second) {
		if !wait.Pause(request.Context(), pause) {
			return nil, err
		}
		next := request.Clone(request.Context())
		if request.GetBody != nil {
			if next.Body, err = request.GetBody(); err != nil {
				return nil, err
			}
		}
		response, err = s.next.RoundTrip(next)
	}
	s.seen.Store(err == nil || s.seen.Load() && time.Since(begin) < outage)
	return response, err
}

// again reports whether a request may be repeated: it never reached the server,
// or doing it twice is the same as doing it once.
func (s steady) again(request *http.Request, err error) bool {
	if err == nil || !s.seen.Load() || request.Context().Err() != nil || fault.KindOf(err) == fault.TLS {
		return false
	}
	if request.Body != nil && request.Body != http.NoBody && request.GetBody == nil {
		return false
	}
	var at *net.OpError
	unsent := errors.As(err, &at) && at.Op == "dial"
	return unsent || slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPut}, request.Method)
}
