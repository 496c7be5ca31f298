// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package tempomove_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// load sends traces as applications do: what is refused is sent again.
type load struct {
	acknowledged atomic.Int64
	began        time.Time
	stop         context.CancelFunc
	senders      sync.WaitGroup

	mu      sync.Mutex
	sent    []tempo.TraceID
	refused map[string]int
}

// begin starts senders by each of the protocols of the site, which pause after each
// trace.
func begin(t *testing.T, site stack.Site, pause time.Duration) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{began: time.Now(), stop: stop, refused: map[string]int{}}
	t.Cleanup(func() { l.end() })
	web := &http.Client{Timeout: time.Minute}
	stream := &http.Client{Timeout: time.Minute, Transport: tempo.GRPC(nil)}
	ways := map[string]func(context.Context, tempo.Trace) error{
		"zipkin": func(ctx context.Context, trace tempo.Trace) error {
			return tempo.SendZipkin(ctx, tempo.Target{URL: site.Zipkin, HTTP: web}, trace)
		},
		"otlp http": func(ctx context.Context, trace tempo.Trace) error {
			return tempo.SendOTLPHTTP(ctx, tempo.Target{URL: site.HTTP, HTTP: web}, trace)
		},
		"otlp grpc": func(ctx context.Context, trace tempo.Trace) error {
			return tempo.SendOTLPgRPC(ctx, tempo.Target{URL: "http://" + site.GRPC, HTTP: stream}, trace)
		},
	}
	for name, send := range ways {
		l.senders.Go(func() { l.sender(ctx, name, send, pause) })
	}
	return l
}

// sender sends one trace after the other, each until it is acknowledged.
func (l *load) sender(ctx context.Context, name string, send func(context.Context, tempo.Trace) error, pause time.Duration) {
	for ; ctx.Err() == nil; time.Sleep(pause) {
		trace := tempo.Trace{ID: tempo.NewTraceID(), Spans: []tempo.Span{{
			ID: tempo.NewSpanID(), Service: "shop", Name: "buy", Kind: tempo.Serving, Start: time.Now(), Duration: time.Millisecond}}}
		for ctx.Err() == nil {
			err := send(context.WithoutCancel(ctx), trace)
			l.note(name, trace.ID, err)
			if err == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func (l *load) note(name string, id tempo.TraceID, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.sent = append(l.sent, id)
		l.acknowledged.Add(1)
		return
	}
	message := err.Error()
	l.refused[name+": "+message[strings.LastIndex(message, ": ")+2:]]++
}

// await waits until so many traces are acknowledged.
func (l *load) await(t *testing.T, count int64) {
	t.Helper()
	require.Eventually(t, func() bool { return l.acknowledged.Load() >= count }, 20*time.Minute, 10*time.Millisecond)
}

func (l *load) pace() float64 { return float64(l.acknowledged.Load()) / time.Since(l.began).Seconds() }

// end stops the senders and tells what was acknowledged.
func (l *load) end() []tempo.TraceID {
	l.stop()
	l.senders.Wait()
	return l.sent
}
