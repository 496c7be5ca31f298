// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// background starts the background tasks; ended is closed when they have ended with the context.
func (a *App) background(ctx context.Context) (ended chan struct{}) {
	var all sync.WaitGroup
	if a.ring != nil {
		all.Go(func() { a.ring.Run(ctx) })
	}
	if a.store != nil {
		all.Go(func() { a.poll(ctx) })
	}
	if a.has(compactor) || a.has(worker) {
		all.Go(func() { a.compact(ctx) })
	}
	if a.ingester != nil {
		all.Go(func() { a.ingester.Run(ctx) })
	}
	if a.generator != nil {
		all.Go(func() { a.generator.Run(ctx) })
	}
	if a.has(querier) {
		all.Go(func() { a.attach(ctx) })
	}
	ended = make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	return ended
}

// poll reads the list of blocks periodically.
func (a *App) poll(ctx context.Context) {
	builds := a.has(compactor) || a.has(worker)
	if builds && a.config.UsageReport.Enabled {
		if err := a.store.Seed(ctx); err != nil {
			slog.Error("failed to create cluster seed file", "err", err)
		}
	}
	for ctx.Err() == nil {
		if err := a.store.Poll(ctx, builds); err != nil && ctx.Err() == nil {
			slog.Error("failed to poll blocklist", "err", err)
		}
		pause(ctx, a.config.Storage.Trace.Poll)
	}
}

// compact merges and deletes blocks, in only one of the processes.
func (a *App) compact(ctx context.Context) {
	cycle := a.config.Compactor.Compaction.Cycle
	if a.config.Edition.From(3, 0) {
		cycle = a.config.Worker.Compaction.Cycle
	}
	for ctx.Err() == nil {
		pause(ctx, cycle)
		if ctx.Err() != nil || a.ring != nil && !a.ring.First() {
			continue
		}
		a.store.Compact(ctx)
		a.store.Retain(ctx)
	}
}

func pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
