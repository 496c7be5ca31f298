// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// queriers are those attached to a query frontend: each holds a request open while it is attached.
type queriers struct {
	lock     sync.Mutex
	attached map[string]int
	next     int
}

func newQueriers() *queriers { return &queriers{attached: map[string]int{}} }

func (q *queriers) count() int {
	q.lock.Lock()
	defer q.lock.Unlock()
	return len(q.attached)
}

// hold answers a querier and returns when the querier has gone.
func (q *queriers) hold(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	address := net.JoinHostPort(host, r.URL.Query().Get("port"))
	q.change(address, 1)
	defer q.change(address, -1)
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func (q *queriers) change(address string, by int) {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.attached[address] += by
	if q.attached[address] == 0 {
		delete(q.attached, address)
	}
}

// pick returns the queriers in turn.
func (q *queriers) pick() string {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.next++
	at := 0
	for address := range q.attached {
		if at == q.next%len(q.attached) {
			return address
		}
		at++
	}
	return ""
}

// patience is how long a query waits for a querier.
const patience = 30 * time.Second

// pass hands a query to a querier; without one it waits, as Tempo's queue does.
func (a *App) pass(w http.ResponseWriter, r *http.Request) {
	for deadline := time.Now().Add(patience); a.queriers.count() == 0; {
		if time.Now().After(deadline) || r.Context().Err() != nil {
			http.Error(w, "context deadline exceeded", http.StatusGatewayTimeout)
			return
		}
		pause(r.Context(), 100*time.Millisecond)
	}
	target := &url.URL{Scheme: "http", Host: a.queriers.pick()}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.URL.Path = "/querier" + p.In.URL.Path
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}}
	proxy.ServeHTTP(w, r)
}

// attach keeps this querier attached to all query frontends behind the configured address.
func (a *App) attach(ctx context.Context) {
	host, port, err := net.SplitHostPort(a.config.Querier.Worker.Frontend)
	if err != nil {
		slog.Error("error resolving frontend address", "err", err)
		return
	}
	var all sync.WaitGroup
	held := map[string]context.Context{}
	for ctx.Err() == nil {
		found, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil && ctx.Err() == nil {
			slog.Error("error resolving frontend address", "addr", host, "err", err)
		}
		for _, address := range found {
			if last := held[address]; last != nil && last.Err() == nil {
				continue
			}
			one, lost := context.WithCancel(ctx)
			held[address] = one
			all.Go(func() { defer lost(); a.hold(one, net.JoinHostPort(address, port)) })
		}
		pause(ctx, time.Second)
	}
	all.Wait()
}

// hold stays attached to one query frontend until that has gone.
func (a *App) hold(ctx context.Context, address string) {
	target := fmt.Sprintf("http://%s%s?port=%s", address, pathAttach, strconv.Itoa(a.config.Server.GRPCPort))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() == nil {
			slog.Error("error contacting frontend", "address", address, "err", err)
		}
		return
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
}
