// SPDX-License-Identifier: AGPL-3.0-or-later

// Package app assembles the components of the stand-in for Tempo that a process needs, and runs
// them.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/generate"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/ingest"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/receive"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/ring"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

// App is one process.
type App struct {
	config config.Config
	parts  []string

	store     *store.Store
	ring      *ring.Ring
	ingester  *ingest.Ingester
	generator *generate.Generator // nil where none is configured
	forwards  chan forwarded
	receivers *receive.Receivers
	queriers  *queriers

	web, inner net.Listener
	began      time.Time
	// running says that all parts are up, since when, and gone that the ingester has ended by itself.
	running atomic.Bool
	since   time.Time
	gone    atomic.Bool
	ending  atomic.Bool
}

// New makes the parts; its error is the one with which Tempo would exit.
func New(ctx context.Context, c config.Config) (*App, error) {
	a := &App{config: c, began: time.Now(), queriers: newQueriers(), forwards: make(chan forwarded, queued)}
	var err error
	if a.parts, err = partsOf(c.Target, c.Edition); err == nil {
		err = a.init(ctx)
	}
	if err == nil {
		return a, nil
	}
	colon := ""
	if c.Edition.From(2, 1) {
		colon = ":"
	}
	return nil, fmt.Errorf("failed to init module services%s %w", colon, err)
}

// failing adds the name of the module to an error.
func failing(module, doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("error initialising module: %s: %s: %w", module, doing, err)
}

func (a *App) init(ctx context.Context) error {
	var err error
	if a.web, err = listen(ctx, a.config.Server.HTTPAddress, a.config.Server.HTTPPort); err != nil {
		return failing("server", "failed to create server", err)
	}
	if a.inner, err = listen(ctx, a.config.Server.GRPCAddress, a.config.Server.GRPCPort); err != nil {
		return failing("server", "failed to create server", err)
	}
	if a.config.FlatOverrides && a.config.Edition.From(3, 0) && !a.config.Overrides.Legacy {
		return failing("overrides", "failed to create overrides", errors.New("DEPRECATED: legacy overrides config format detected but legacy overrides are disabled by default. "+
			"Legacy overrides will be removed in a future release. Migrate your overrides config to the new scoped format, or set -config.enable-legacy-overrides=true "+
			"(or enable_legacy_overrides: true in YAML) to continue using legacy overrides temporarily"))
	}
	if !a.single() {
		if a.ring, err = ring.Open(a.config.Gossip, a.config.Target, a.config.Server.GRPCPort); err != nil {
			return failing("memberlist-kv", "failed to start", err)
		}
	}
	if slices.ContainsFunc(a.parts, needsStore) {
		if a.store, err = store.Open(ctx, a.config); err != nil {
			return failing("store", "failed to create store", err)
		}
		if !a.store.Writable() {
			return failing("store", "failed to create store", fmt.Errorf("invalid config while creating tempodb: wal config validation failed: failed to validate block version %[1]s: %[1]s is not a valid block version", a.store.Format()))
		}
	}
	return a.gathering()
}

// gathering makes the parts that receive spans and those that keep them.
func (a *App) gathering() error {
	var err error
	if a.has(ingester) || a.has(liveStore) {
		if a.ingester, err = ingest.New(a.config, a.store); err != nil {
			return failing(ingester, "failed to create ingester", err)
		}
	}
	if a.has(generator) && (a.config.Generator.Storage.Path != "" || !a.single()) {
		a.generator = generate.New(a.config)
	}
	if a.has(querier) && a.config.Querier.Worker.Frontend == "" {
		if !a.single() {
			return fmt.Errorf("error initialising module: querier: frontend worker address not specified")
		}
		a.config.Querier.Worker.Frontend = "127.0.0.1:" + strconv.Itoa(a.config.Server.GRPCPort)
	}
	if a.has(distributor) {
		a.receivers, err = receive.New(a.config.Distributor.Receivers, a.config.Edition, a.push)
		return failing(distributor, "failed to create distributor", err)
	}
	return nil
}

func listen(ctx context.Context, address string, port int) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
}

func (a *App) has(part string) bool { return slices.Contains(a.parts, part) }

// single says whether this process is all of Tempo, which does not gossip.
func (a *App) single() bool { return a.config.Target == "all" }

// Run serves until the context ends.
func (a *App) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.Background())
	defer stop()
	web, inner := &http.Server{Handler: a.pages(), ReadHeaderTimeout: time.Minute}, &http.Server{Handler: a.between(), ReadHeaderTimeout: time.Minute}
	for server, listener := range map[*http.Server]net.Listener{web: a.web, inner: a.inner} {
		go func() { _ = server.Serve(listener) }()
	}
	ended := a.background(work)
	if a.receivers != nil {
		if err := a.receivers.Start(work); err != nil {
			return fmt.Errorf("failed to start distributor: %w", err)
		}
	}
	a.since = time.Now()
	a.running.Store(true)
	slog.Info("Tempo started")
	<-ctx.Done()
	a.end(stop, ended)
	_ = errors.Join(web.Close(), inner.Close())
	slog.Info("Tempo stopped")
	return nil
}

// end closes the receivers first, so that received spans are kept.
func (a *App) end(stop context.CancelFunc, ended <-chan struct{}) {
	a.ending.Store(true)
	if a.ring != nil {
		a.ring.Leave()
	}
	patience, release := context.WithTimeout(context.Background(), 20*time.Second)
	defer release()
	if a.receivers != nil {
		a.receivers.Stop(patience)
	}
	if a.ingester != nil && a.ingester.Drains() {
		a.ingester.Drain(patience)
	}
	stop()
	<-ended
	if a.ring != nil {
		a.ring.Close()
	}
}
