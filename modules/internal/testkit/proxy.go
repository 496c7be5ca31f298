// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy is in front of a real server, records each request, and disturbs those
// that a test asks it to.
type Proxy struct {
	// URL is where to reach the server through the proxy.
	URL      string
	listener *httptest.Server
	mu       sync.Mutex
	requests []string
	handle   Handle
}

// Disturb may answer a request in the server's place; it then returns true.
type Disturb func(w http.ResponseWriter, r *http.Request) bool

// NewProxy starts a proxy for a server's URL and stops it with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	parsed, err := url.Parse(target)
	require.NoError(t, err)
	// The Host header stays that of the caller, since S3 signs it.
	forward := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(parsed); r.Out.Host = r.In.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	proxy := &Proxy{}
	proxy.listener = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handle := proxy.note(r); handle != nil {
			handle(w, r, forward)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.listener.Close)
	proxy.URL = proxy.listener.URL
	return proxy
}

func (p *Proxy) note(r *http.Request) Handle {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, fmt.Sprintf("%s %s", r.Method, r.URL.RequestURI()))
	return p.handle
}

// Disturb sets what disturbs requests from now on; nil lets them through.
func (p *Proxy) Disturb(disturb Disturb) {
	if disturb == nil {
		p.Handle(nil)
		return
	}
	p.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !disturb(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// Handle sets what handles requests from now on; nil lets them through.
func (p *Proxy) Handle(handle Handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handle = handle
}

// Requests returns what passed since the last call, each as "GET /path?query".
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	requests := p.requests
	p.requests = nil
	return requests
}

// Writes returns those of the requests that are neither GET nor HEAD.
func Writes(requests []string) []string {
	writes := []string{}
	for _, request := range requests {
		if method := request[:4]; method != "GET " && method != "HEAD" {
			writes = append(writes, request)
		}
	}
	return writes
}

// Reset breaks the connection of a request in the middle of an answer.
func Reset(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte("<"))
	_ = http.NewResponseController(w).Flush()
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not a clean close
	}
	_ = connection.Close()
}
