// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

// ready is the path at which the gate reports whether the kubelet works.
const ready = "/ready"

// dialer connects from within the node's network.
type dialer func(ctx context.Context, kind, address string) (net.Conn, error)

// gate is an HTTP proxy on loopback into the node's network: for the API server, which uses CONNECT, and for
// the lab's other servers, which resolve the cluster's names through it.
func gate(inside dialer) http.Handler {
	transport := &http.Transport{DialContext: inside, Proxy: nil, ResponseHeaderTimeout: time.Minute}
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: transport}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect:
			tunnel(inside, w, r)
		case r.URL.Host != "":
			forward.ServeHTTP(w, r)
		case r.URL.Path == ready:
			r.URL.Scheme, r.URL.Host, r.URL.Path = "http", "127.0.0.1:10248", "/healthz" // the kubelet's own address for this
			forward.ServeHTTP(w, r)
		default:
			http.Error(w, "this is a proxy", http.StatusBadRequest)
		}
	})
}

func tunnel(dial dialer, w http.ResponseWriter, r *http.Request) {
	inside, err := dial(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	outside, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		inside.Close()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := outside.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		inside.Close()
		outside.Close()
		return
	}
	join(inside, bufferedConn{outside, buffered})
}

// bufferedConn first returns what the HTTP server has already read.
type bufferedConn struct {
	net.Conn
	reader io.Reader
}

func (c bufferedConn) Read(into []byte) (int, error) { return c.reader.Read(into) }

// pass forwards each connection to the one that dial opens, until the listener is closed.
func pass(listener net.Listener, dial func(context.Context) (net.Conn, error)) error {
	for {
		from, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept connections at %s: %w", listener.Addr(), err)
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			to, err := dial(ctx)
			if err != nil {
				from.Close()
				return
			}
			join(from, to)
		}()
	}
}

// join copies in both directions until both are done. A side that has nothing more to send closes only its half.
func join(one, other net.Conn) {
	var group sync.WaitGroup
	for _, pair := range [][2]net.Conn{{one, other}, {other, one}} {
		group.Go(func() {
			_, _ = io.Copy(pair[0], pair[1]) // the end and an error are both passed on by closing
			if half, can := pair[0].(interface{ CloseWrite() error }); can {
				_ = half.CloseWrite()
				return
			}
			_ = pair[0].Close()
		})
	}
	group.Wait()
	_ = one.Close()
	_ = other.Close()
}
