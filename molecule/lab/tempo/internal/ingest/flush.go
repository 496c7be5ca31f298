// SPDX-License-Identifier: AGPL-3.0-or-later

package ingest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"
)

// block is one that gets no more spans.
type block struct {
	log *log
	// queued is when the queue takes it; only then is it flushed.
	queued time.Time
	// working says that it is being flushed, and counts as waiting no more.
	working bool
	flushed time.Time
}

// waits says whether the block is in the queue, or being flushed.
func (b *block) waits() bool { return b.flushed.IsZero() && !time.Now().Before(b.queued) }

// late is when the queue takes a block that the ingester finds in its log or, before 3, cuts by itself: up to ten seconds
// later (grafana/tempo, modules/ingester/flush.go@v1.5.0..v2.10.8, flushJitter; modules/livestore@v3.0.3).
func late() time.Time { return time.Now().Add(rand.N(10 * time.Second)) }

// cutBlock ends the head block, which is queued at a time.
func (n *instance) cutBlock(queued time.Time) {
	slog.Info("head block cut. enqueueing flush op", "tenant", n.tenant, "records", len(n.head.records))
	ended := &block{log: n.head, queued: queued}
	n.done, n.head, n.cut = append(n.done, ended), nil, time.Now()
}

// sweep cuts and flushes what it is time for; an ingester that was drained does no more.
func (i *Ingester) sweep(ctx context.Context) {
	if !i.ended.Load() {
		i.cut(false)
	}
	i.flush(ctx)
}

// Cut completes all traces and blocks and has them flushed, without waiting for that: /flush.
func (i *Ingester) Cut() {
	i.cut(true)
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Drain refuses further spans and flushes what is in the queue then, /shutdown. What is not there yet is only in the log.
// A second one while the first still cuts finds nothing in the queue, and so ends the ingester under it.
func (i *Ingester) Drain(ctx context.Context) {
	i.closed.Store(true)
	if i.cutting.CompareAndSwap(false, true) {
		i.cut(true)
		i.cutting.Store(false)
	} else {
		i.ended.Store(true)
	}
	for i.flush(ctx); !i.ended.Load() && i.left() && ctx.Err() == nil; i.flush(ctx) {
		time.Sleep(min(i.times.Check, time.Second))
	}
	i.ended.Store(true)
	i.cutTraces(true) // as Tempo does once more when it stops
	for _, one := range i.all(func(b *block) bool { return b.flushed.IsZero() }) {
		slog.Info("Abandoning op in flush queue because ingester is shutting down", "tenant", one.log.tenant)
	}
}

func (i *Ingester) left() bool { return len(i.all((*block).waits)) > 0 }

// all are the blocks of which something holds.
func (i *Ingester) all(holds func(*block) bool) (found []*block) {
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		for _, one := range of.done {
			if holds(one) {
				found = append(found, one)
			}
		}
	}
	return found
}

// flush writes the blocks that are in the queue, until the ingester has ended; one that fails is retried the next time.
func (i *Ingester) flush(ctx context.Context) {
	for _, one := range i.all((*block).waits) {
		if i.ended.Load() || !i.take(one) {
			continue
		}
		err := i.store.Flush(ctx, one.log.tenant, slices.Clone(one.log.records))
		if i.release(one, err); err != nil {
			slog.Error("error performing op in flushQueue", "tenant", one.log.tenant, "err", err)
			continue
		}
		one.log.remove()
	}
}

// take says whether the block is the caller's to flush.
func (i *Ingester) take(one *block) bool {
	i.lock.Lock()
	defer i.lock.Unlock()
	if one.working || !one.flushed.IsZero() {
		return false
	}
	one.working = true
	return true
}

func (i *Ingester) release(one *block, err error) {
	i.lock.Lock()
	defer i.lock.Unlock()
	one.working = false
	if err != nil {
		i.failed++
		return
	}
	i.flushed++
	one.flushed = time.Now()
}
