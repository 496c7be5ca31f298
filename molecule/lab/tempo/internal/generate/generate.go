// SPDX-License-Identifier: AGPL-3.0-or-later

// Package generate implements the stand-in for Tempo's metrics generator: it derives metrics from spans, and sends them to Prometheus by
// remote write.
package generate

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// The processors that make metrics. The last three are parts of the second.
const (
	graphs  = "service-graphs"
	metrics = "span-metrics"
	calls   = metrics + "-count"
	latency = metrics + "-latency"
	size    = metrics + "-size"
)

// known are the processors of an edition, in the order in which Tempo lists them.
func known(e edition.Edition) []string {
	all := []string{graphs, metrics}
	if e.From(2, 2) && e.Before(3, 0) {
		all = append(all, "local-blocks")
	}
	if e.From(2, 2) {
		all = append(all, calls, latency, size)
	}
	if e.From(2, 8) {
		all = append(all, "host-info")
	}
	return all
}

// Generator has the metrics of all tenants.
type Generator struct {
	config   config.Generator
	wanted   []string
	known    []string
	strict   bool // an unknown processor stops all of them, as below 3
	idLabel  string
	always   bool // exemplars are sent to every target
	instance string

	lock    sync.Mutex
	tenants map[string]*tenant
}

// tenant is what was made of one tenant's spans.
type tenant struct {
	series series
	graph  graph
}

// New makes the generator of an edition.
func New(c config.Config) *Generator {
	host, _ := os.Hostname()
	// send_exemplars has no effect on 2.10.8 and 3.0.3 (modules/generator/storage/config_util.go).
	return &Generator{
		config: c.Generator, wanted: c.Overrides.Wanted(), known: known(c.Edition), instance: host, tenants: map[string]*tenant{},
		strict: c.Edition.Before(3, 0), always: c.Edition.From(2, 10), idLabel: cmp.Or(c.Overrides.Defaults.Generator.IDLabel, c.Overrides.IDLabel, "traceID"),
	}
}

// Push makes metrics of spans. Those that ended long ago, or will, are left out.
func (g *Generator) Push(of string, traces ptrace.Traces) error {
	for _, name := range g.wanted {
		if slices.Contains(g.known, name) {
			continue
		}
		if g.strict {
			slog.Error("processor does not exist, supported processors: "+fmt.Sprint(g.known), "tenant", of, "processorName", name)
			return fmt.Errorf("could not initialize processors: unknown processor %s", name)
		}
		slog.Warn("ignoring unknown metrics-generator processor", "tenant", of, "processor", name)
	}
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.tenants[of] == nil {
		g.tenants[of] = &tenant{series{}, graph{}}
	}
	spans.Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		if time.Since(span.EndTimestamp().AsTime()).Abs() <= g.config.Slack {
			g.measure(g.tenants[of], spans.Service(resource), resource, span)
		}
	})
	return nil
}

func (g *Generator) measure(into *tenant, service string, resource ptrace.ResourceSpans, span ptrace.Span) {
	g.count(into.series, service, span)
	if slices.Contains(g.wanted, graphs) {
		into.graph.add(into.series, service, resource, span, time.Now().Add(g.config.Processor.Graphs.Wait))
	}
}

// latencies are the buckets of span metrics: from 2 ms on, each twice the one before.
var latencies = doubling(0.002, 14)

// count makes the span metrics (grafana/tempo, modules/generator/processor/spanmetrics).
func (g *Generator) count(into series, service string, span ptrace.Span) {
	labels := labels{"service": service, "span_kind": upper("SPAN_KIND_", span.Kind()), "span_name": span.Name(), "status_code": upper("STATUS_CODE_", span.Status().Code())}
	for _, one := range []struct {
		part string
		make func()
	}{
		{calls, func() { into.add("traces_spanmetrics_calls_total", labels, 1) }},
		{latency, func() { into.observe("traces_spanmetrics_latency", labels, latencies, lasted(span), span.TraceID()) }},
		{size, func() {
			into.add("traces_spanmetrics_size_total", labels, float64(new(ptrace.ProtoMarshaler).SpanSize(span)))
		}},
	} {
		if slices.Contains(g.wanted, metrics) || slices.Contains(g.wanted, one.part) {
			one.make()
		}
	}
}

// Run sends all series periodically, until the context ends.
func (g *Generator) Run(ctx context.Context) {
	tick := time.NewTicker(g.config.Registry.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			g.collect(ctx, now)
		}
	}
}

func (g *Generator) collect(ctx context.Context, now time.Time) {
	g.lock.Lock()
	collected := map[string]map[bool][]byte{}
	for name, one := range g.tenants {
		one.graph.expire(one.series, now)
		collected[name] = map[bool][]byte{false: one.series.encode(g.fixed(), now, ""), true: one.series.encode(g.fixed(), now, g.idLabel)}
		one.series.forgetExemplars()
	}
	g.lock.Unlock()
	for name, bodies := range collected {
		for _, target := range g.config.Storage.RemoteWrite {
			if err := write(ctx, target, name, bodies[target.Exemplars || g.always]); err != nil && ctx.Err() == nil {
				slog.Warn("Failed to send batch, retrying", "tenant", name, "url", target.URL, "err", err)
			}
		}
	}
}

// fixed are the labels of every series.
func (g *Generator) fixed() labels {
	all := labels{"__metrics_gen_instance": g.instance}
	for name, value := range g.config.Registry.External {
		all[name] = value
	}
	return all
}
