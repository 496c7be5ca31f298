// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/startup"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// unqueried says why there is no query frontend to ask.
func unqueried(endpoints map[string]string) string {
	if len(endpoints) == 0 {
		return "no Service of Tempo's release is there"
	}
	return fmt.Sprintf("no endpoint %s among %s", query, strings.Join(slices.Sorted(maps.Keys(endpoints)), ", "))
}

// ready tells how the query frontend answered.
func (p prober) ready(context.Context) (string, time.Duration, error) {
	version := p.observed.Versions["tempo"]
	if version == "" {
		version = "of a version that it does not tell"
	}
	return "Tempo " + version + " is ready", p.observed.ReadyAfter, nil
}

// find looks for a trace by its id until enough of it has arrived.
func (p prober) find(ctx context.Context, id tempo.TraceID, enough func(tempo.Trace) bool) (found tempo.Trace, err error) {
	seen := false
	_, err = wait.Within(ctx, "trace "+string(id), p.spec.WaitTimeout, startup.Backoff, func(ctx context.Context) (bool, string, error) {
		trace, ok, err := p.query.Trace(ctx, id)
		switch {
		case err != nil && startup.Temporary(err):
			return false, err.Error(), nil
		case err != nil:
			return false, "", withSymptom(LookupFails, err)
		case !ok:
			return false, "not there yet", nil
		}
		found, seen = trace, true
		return enough(trace), fmt.Sprintf("%d spans so far", len(trace.Spans)), nil
	})
	if err != nil && !seen {
		return found, withSymptom(NotStored, p.why(ctx, id, err))
	}
	return found, err
}

// why looks once more after the timeout: a lookup that fails is another
// symptom than one that finds nothing.
func (p prober) why(ctx context.Context, id tempo.TraceID, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if _, _, failed := p.query.Trace(ctx, id); failed != nil {
		return &loss{LookupFails, failed}
	}
	return err
}

// search looks for an existing trace by its attributes.
func (p prober) search(ctx context.Context) (string, time.Duration, error) {
	var want tempo.Trace
	for _, hop := range receivers {
		if trace, has := p.run.traces[hop]; has {
			want = trace
			break
		}
	}
	took, err := wait.Within(ctx, "search for "+string(want.ID), p.spec.WaitTimeout, startup.Backoff, func(ctx context.Context) (bool, string, error) {
		ids, on, err := p.query.Search(ctx, map[string]string{markKey: p.run.mark})
		switch {
		case !on && err == nil:
			return false, "", p.noSearch()
		case err != nil && startup.Temporary(err):
			return false, err.Error(), nil
		case err != nil:
			return false, "", &loss{LookupFails, err}
		}
		found := slices.ContainsFunc(ids, func(id tempo.TraceID) bool { return want.ID.Same(string(id)) })
		return found, fmt.Sprintf("%d other traces of this run", len(ids)), nil
	})
	var without *absence
	if err != nil && !errors.As(err, &without) {
		err = withSymptom(NotFound, err)
	}
	return "found by " + markKey + "=" + p.run.mark, took, err
}

func (p prober) noSearch() error {
	if compat.QueryFacts.Has(compat.Tempo, compat.SearchOptional, p.observed.Versions["tempo"]) {
		return &absence{"this Tempo has search switched off (search_enabled); lookups by ID work"}
	}
	return &absence{"this Tempo has no search; lookups by ID work"}
}

// markKey is the attribute by which a search finds the spans of one run.
const markKey = "probe.run"

// The services of our own traces: one calls the other, which is an edge of the
// service graph.
const (
	caller = "picluster-probe"
	called = "picluster-probe-called"
)

// sample is a small trace of our own: a call from both sides.
func (r *run) sample(hop Hop) tempo.Trace {
	root, now := tempo.NewSpanID(), time.Now()
	attributes := map[string]string{markKey: r.mark, "probe.receiver": string(hop)}
	return tempo.Trace{ID: tempo.NewTraceID(), Spans: []tempo.Span{
		{ID: root, Service: caller, Name: "probe " + string(hop), Kind: tempo.Calling, Start: now.Add(-20 * time.Millisecond), Duration: 20 * time.Millisecond, Attributes: attributes},
		{ID: tempo.NewSpanID(), Parent: root, Service: called, Name: "work", Kind: tempo.Serving, Start: now.Add(-15 * time.Millisecond), Duration: 10 * time.Millisecond, Attributes: attributes},
	}}
}

// receiver sends a trace to a receiver and looks for it.
func (p prober) receiver(ctx context.Context, hop Hop) (string, time.Duration, error) {
	address := p.observed.Endpoints[string(hop)]
	if address == "" {
		return "", 0, failure(Unanswered, "Tempo has no endpoint %s", hop)
	}
	trace, begin := p.run.sample(hop), time.Now()
	via, err := p.send(ctx, hop, address, trace)
	if err != nil {
		return "", 0, err
	}
	found, err := p.find(ctx, trace.ID, func(found tempo.Trace) bool { return len(found.Spans) >= len(trace.Spans) })
	if err != nil {
		return "", time.Since(begin), err
	}
	p.run.traces[hop] = found
	return fmt.Sprintf("trace %s came back with %d spans; sent %s", trace.ID, len(found.Spans), via), time.Since(begin), nil
}

// send sends a trace until the receiver takes it; the spans of one trace count
// once.
func (p prober) send(ctx context.Context, hop Hop, address string, trace tempo.Trace) (via string, err error) {
	err = startup.Repeat(ctx, "receiver "+string(hop), min(p.spec.WaitTimeout, startup.Limit), func(ctx context.Context) (err error) {
		via, err = p.sender.Send(ctx, hop, address, trace)
		return err
	})
	return via, err
}

// problem is what reading found that a hop fails by. A Tempo that is not ready is
// waited for.
func (p prober) problem(ctx context.Context, hop Hop) error {
	err := p.observed.Problems[hop]
	if hop != Query || !startup.Temporary(err) {
		return err
	}
	return startup.Repeat(ctx, "Tempo", p.spec.WaitTimeout, p.askTempo)
}
