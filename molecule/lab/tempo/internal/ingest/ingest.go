// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ingest collects spans until their traces are complete, keeps them in a write-ahead log, and cuts blocks of
// them: the ingester of Tempo below 3, and the live store from 3 on.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

// Ingester holds what is not in the store yet, and for a while what is.
type Ingester struct {
	times  config.Ingester
	folder string
	store  *store.Store

	lock    sync.Mutex
	tenants map[string]*instance
	// Closed refuses spans: the ingester is about to end.
	closed atomic.Bool
	wake   chan struct{}
}

// instance is what the ingester has of one tenant.
type instance struct {
	tenant string
	// growing are traces that may get more spans; head is the block that collects complete ones.
	growing map[spans.ID]*growing
	head    *log
	// done are blocks that get no more spans, until they are flushed and dropped.
	done []*block
}

type growing struct {
	traces ptrace.Traces
	last   time.Time
}

type block struct {
	log     *log
	flushed time.Time
}

// New makes the ingester of an edition, with what a previous run left in its log: that is flushed as soon as possible.
func New(c config.Config, to *store.Store) (*Ingester, error) {
	i := &Ingester{times: c.Ingester, folder: c.Storage.Trace.WAL.Path, store: to, tenants: map[string]*instance{}, wake: make(chan struct{}, 1)}
	if c.Edition.From(3, 0) {
		live := c.LiveStore
		i.times = config.Ingester{Idle: live.Idle, Longest: live.Longest, Check: live.Check, Forget: live.Forget}
		i.folder = live.WAL.Path
	}
	logs, err := replay(i.folder)
	if err != nil {
		return nil, err
	}
	for _, log := range logs {
		slog.Info("replaying block", "tenant", log.tenant, "records", len(log.records))
		i.of(log.tenant).done = append(i.of(log.tenant).done, &block{log: log})
	}
	return i, nil
}

// of is called with the lock held, or before anybody else has the ingester.
func (i *Ingester) of(tenant string) *instance {
	if i.tenants[tenant] == nil {
		i.tenants[tenant] = &instance{tenant: tenant, growing: map[spans.ID]*growing{}}
	}
	return i.tenants[tenant]
}

// errClosed is Tempo's error while it shuts down.
var errClosed = errors.New("Ingester is shutting down")

// Push adds spans of a tenant.
func (i *Ingester) Push(tenant string, traces ptrace.Traces) error {
	i.lock.Lock()
	defer i.lock.Unlock()
	if i.closed.Load() { // under the lock: what comes in now is cut with the rest, or refused
		return errClosed
	}
	into := i.of(tenant)
	for id, part := range spans.Split(traces) {
		if has := into.growing[id]; has != nil {
			spans.Combine(has.traces, part)
			has.last = time.Now()
			continue
		}
		into.growing[id] = &growing{part, time.Now()}
	}
	return nil
}

// Run cuts traces and blocks, and flushes these, until the context ends; what is not flushed then stays in the log.
func (i *Ingester) Run(ctx context.Context) {
	tick := time.NewTicker(i.times.Check)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-i.wake:
			i.flush(ctx)
		case <-tick.C:
			i.cut(false)
			i.flush(ctx)
		}
	}
	i.cutTraces(true)
}

// Cut completes all traces and blocks and has them flushed, without waiting for that: /flush.
func (i *Ingester) Cut() {
	i.cut(true)
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Drain refuses further spans and flushes everything: /shutdown.
func (i *Ingester) Drain(ctx context.Context) {
	i.closed.Store(true)
	i.cut(true)
	for i.flush(ctx); i.left() && ctx.Err() == nil; i.flush(ctx) {
		time.Sleep(i.times.Check)
	}
}

// Drains says whether the process flushes at its end.
func (i *Ingester) Drains() bool { return i.times.Drain }

func (i *Ingester) left() bool {
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		if slices.ContainsFunc(of.done, func(b *block) bool { return b.flushed.IsZero() }) {
			return true
		}
	}
	return false
}

// cut completes traces, and blocks that are old enough; at once completes all.
func (i *Ingester) cut(atOnce bool) {
	i.cutTraces(atOnce)
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		if of.head != nil && (atOnce || time.Since(of.head.began) > i.times.Longest) {
			slog.Info("head block cut. enqueueing flush op", "tenant", of.tenant, "records", len(of.head.records))
			of.done = append(of.done, &block{log: of.head})
			of.head = nil
		}
		of.done = slices.DeleteFunc(of.done, func(b *block) bool { return !b.flushed.IsZero() && time.Since(b.flushed) > i.times.Forget })
	}
}

func (i *Ingester) cutTraces(atOnce bool) {
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		for id, trace := range of.growing {
			if !atOnce && time.Since(trace.last) < i.times.Idle {
				continue
			}
			if err := of.append(i.folder, i.store.Format(), id, trace.traces); err != nil {
				slog.Error("failed to complete traces", "tenant", of.tenant, "err", err)
				continue
			}
			delete(of.growing, id)
		}
	}
}

func (n *instance) append(folder, format string, id spans.ID, traces ptrace.Traces) error {
	raw, err := spans.Encode(traces)
	if err != nil {
		return err
	}
	if n.head == nil {
		if n.head, err = newLog(folder, n.tenant, format); err != nil {
			return err
		}
	}
	return n.head.add(store.Record{ID: id, Raw: raw})
}

// flush writes the blocks that are done; one that fails is retried the next time.
func (i *Ingester) flush(ctx context.Context) {
	for _, one := range i.due() {
		if err := i.store.Flush(ctx, one.log.tenant, slices.Clone(one.log.records)); err != nil {
			slog.Error("error performing op in flushQueue", "tenant", one.log.tenant, "err", err)
			continue
		}
		i.lock.Lock()
		one.flushed = time.Now()
		i.lock.Unlock()
		one.log.remove()
	}
}

func (i *Ingester) due() []*block {
	i.lock.Lock()
	defer i.lock.Unlock()
	var all []*block
	for _, of := range i.tenants {
		for _, one := range of.done {
			if one.flushed.IsZero() {
				all = append(all, one)
			}
		}
	}
	return all
}

// Records are all that the ingester holds of a tenant.
func (i *Ingester) Records(tenant string) ([]store.Record, error) {
	i.lock.Lock()
	defer i.lock.Unlock()
	of := i.tenants[tenant]
	if of == nil {
		return nil, nil
	}
	var all []store.Record
	for _, one := range of.done {
		all = append(all, one.log.records...)
	}
	if of.head != nil {
		all = append(all, of.head.records...)
	}
	for id, trace := range of.growing {
		raw, err := spans.Encode(trace.traces)
		if err != nil {
			return nil, err
		}
		all = append(all, store.Record{ID: id, Raw: raw})
	}
	return all, nil
}

// Has says whether a tenant has sent spans.
func (i *Ingester) Has(tenant string) bool {
	i.lock.Lock()
	defer i.lock.Unlock()
	return i.tenants[tenant] != nil
}
