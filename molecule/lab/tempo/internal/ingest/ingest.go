// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ingest collects spans until their traces are complete, keeps them in a write-ahead log, and cuts blocks of
// them: the stand-in for the ingester of Tempo below 3, and for the live store from 3 on.
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
	// Closed refuses spans: the ingester is about to end. Ended flushes nothing any more.
	closed, ended atomic.Bool
	// cutting says that a drain cuts what is held.
	cutting atomic.Bool
	wake    chan struct{}
	// late says that the queue takes a block later which the ingester cuts by itself.
	late bool
	// flushed and failed are how often blocks were stored, or were not.
	flushed, failed int
}

// instance is what the ingester has of one tenant.
type instance struct {
	tenant string
	// live is how many traces were growing when they were last cut.
	live int
	// created is how many traces were cut.
	created int
	// growing are traces that may get more spans; head is the block that collects complete ones.
	growing map[spans.ID]*growing
	head    *log
	// cut is when the last block was: the next one is as old, however late its first trace.
	cut time.Time
	// done are blocks that get no more spans, until they are flushed and dropped.
	done []*block
}

type growing struct {
	traces ptrace.Traces
	last   time.Time
}

// New makes the ingester of an edition, with what a previous run left in its log: that is flushed as soon as possible.
func New(c config.Config, to *store.Store) (*Ingester, error) {
	i := &Ingester{times: c.Ingester, folder: c.Storage.Trace.WAL.Path, store: to, tenants: map[string]*instance{}, wake: make(chan struct{}, 1), late: !c.Edition.From(3, 0)}
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
		i.of(log.tenant).done = append(i.of(log.tenant).done, &block{log: log, queued: late()})
	}
	return i, nil
}

// of is called with the lock held, or before anybody else has the ingester.
func (i *Ingester) of(tenant string) *instance {
	if i.tenants[tenant] == nil {
		i.tenants[tenant] = &instance{tenant: tenant, growing: map[spans.ID]*growing{}, cut: time.Now()}
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
			i.sweep(ctx)
		}
	}
	i.cutTraces(true)
}

// Drains says whether the process flushes at its end.
func (i *Ingester) Drains() bool { return i.times.Drain }

// cut completes traces, and blocks that are old enough; at once completes all.
func (i *Ingester) cut(atOnce bool) {
	i.cutTraces(atOnce)
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		if of.head != nil && (atOnce || time.Since(of.cut) > i.times.Longest) {
			of.cutBlock(i.queues(atOnce))
		}
		of.done = slices.DeleteFunc(of.done, func(b *block) bool { return !b.flushed.IsZero() && time.Since(b.flushed) > i.times.Forget })
	}
}

// queues is when a block that is cut now is queued.
func (i *Ingester) queues(atOnce bool) time.Time {
	if atOnce || !i.late {
		return time.Now()
	}
	return late()
}

func (i *Ingester) cutTraces(atOnce bool) {
	i.lock.Lock()
	defer i.lock.Unlock()
	for _, of := range i.tenants {
		of.live = len(of.growing)
		for id, trace := range of.growing {
			if !atOnce && time.Since(trace.last) < i.times.Idle {
				continue
			}
			if err := of.append(i.folder, i.store.Format(), id, trace.traces); err != nil {
				slog.Error("failed to complete traces", "tenant", of.tenant, "err", err)
				continue
			}
			of.created++
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
