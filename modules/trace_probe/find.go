// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// pace is how often a trace is looked for: mostly it is there at once, and a
// small cluster must not be asked too often when it is not.
var pace = wait.Pace{First: 100 * time.Millisecond, Longest: 5 * time.Second}

// markKey is the attribute by which a search finds the spans of one run.
const markKey = "probe.run"

// sample is a small trace of our own: a caller and what it called.
func (m *Module) sample(hop Hop) tempo.Trace {
	const service = "picluster-probe"
	root, now := tempo.NewSpanID(), time.Now()
	attributes := map[string]string{markKey: m.trip.mark, "probe.receiver": string(hop)}
	return tempo.Trace{ID: tempo.NewTraceID(), Spans: []tempo.Span{
		{ID: root, Service: service, Name: "probe " + string(hop), Kind: tempo.Serving, Start: now.Add(-20 * time.Millisecond), Duration: 20 * time.Millisecond, Attributes: attributes},
		{ID: tempo.NewSpanID(), Parent: root, Service: service, Name: "work", Start: now.Add(-15 * time.Millisecond), Duration: 10 * time.Millisecond, Attributes: attributes},
	}}
}

func (m *Module) askedTempo(context.Context, Args) (string, time.Duration, error) {
	version := m.survey.Tempo
	if version == "" {
		version = "of a version that it does not tell"
	}
	return "Tempo " + version + " is ready", m.survey.answered, nil
}

// find looks for a trace by its id until enough of it is there.
func (m *Module) find(ctx context.Context, args Args, id tempo.TraceID, enough func(tempo.Trace) bool) (found tempo.Trace, err error) {
	seen := false
	_, err = wait.Within(ctx, "trace "+string(id), args.WaitTimeout, pace, func(ctx context.Context) (bool, string, error) {
		trace, there, err := m.survey.tempo.Trace(ctx, id)
		switch {
		case err != nil && passing(err):
			return false, err.Error(), nil
		case err != nil:
			return false, "", signed(LookupFails, err)
		case !there:
			return false, "not there yet", nil
		}
		found, seen = trace, true
		return enough(trace), fmt.Sprintf("%d spans so far", len(trace.Spans)), nil
	})
	if err != nil && !seen {
		return found, signed(NotStored, m.why(ctx, id, err))
	}
	return found, err
}

// why looks once more after the time is over: a lookup that fails is another
// sign than one that finds nothing.
func (m *Module) why(ctx context.Context, id tempo.TraceID, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if _, _, failed := m.survey.tempo.Trace(ctx, id); failed != nil {
		return &lost{LookupFails, failed}
	}
	return err
}

// search looks for a trace that is there already by its attributes.
func (m *Module) search(ctx context.Context, args Args) (string, time.Duration, error) {
	var want tempo.Trace
	for _, hop := range receivers {
		if trace, has := m.trip.found[hop]; has {
			want = trace
			break
		}
	}
	took, err := wait.Within(ctx, "search for "+string(want.ID), args.WaitTimeout, pace, func(ctx context.Context) (bool, string, error) {
		ids, on, err := m.survey.tempo.Search(ctx, map[string]string{markKey: m.trip.mark})
		switch {
		case !on && err == nil:
			return false, "", m.noSearch()
		case err != nil && passing(err):
			return false, err.Error(), nil
		case err != nil:
			return false, "", &lost{LookupFails, err}
		}
		found := slices.ContainsFunc(ids, func(id tempo.TraceID) bool { return want.ID.Same(string(id)) })
		return found, fmt.Sprintf("%d other traces of this run", len(ids)), nil
	})
	var gone *absence
	if err != nil && !errors.As(err, &gone) {
		err = signed(NotFound, err)
	}
	return "found by " + markKey + "=" + m.trip.mark, took, err
}

func (m *Module) noSearch() error {
	if compat.QueryFacts.Has(compat.Tempo, compat.SearchOptional, m.survey.Tempo) {
		return &absence{"this Tempo has search switched off (search_enabled); lookups by ID work"}
	}
	return &absence{"this Tempo has no search; lookups by ID work"}
}

// traefikSpan looks for the trace of the request, and for Traefik's part in it.
func (m *Module) traefikSpan(ctx context.Context, args Args) (string, time.Duration, error) {
	trace, err := m.find(ctx, args, m.trip.asked, func(trace tempo.Trace) bool { return len(trace.Of(args.TraefikService)) > 0 })
	took := time.Since(m.trip.sent)
	if err != nil {
		return "", took, m.elsewhere(ctx, args, trace, err)
	}
	m.trip.found[Traefik] = trace
	return fmt.Sprintf("trace %s has %d spans of %s", trace.ID, len(trace.Spans), strings.Join(trace.Services(), ", ")), took, nil
}

// userAgent are the names under which Traefik's spans hold the caller's name
// (OpenTelemetry, HTTP spans; Traefik v3.0 has the first).
var userAgent = []string{"user_agent.original", "http.user_agent"}

// elsewhere says why there is no span of Traefik under the asked id. Spans of
// the application alone may be there: headers that Traefik does not know it
// passes on as they are.
func (m *Module) elsewhere(ctx context.Context, args Args, trace tempo.Trace, err error) error {
	var known *lost
	if errors.As(err, &known) && known.sign == LookupFails {
		return err
	}
	for _, name := range userAgent {
		ids, on, searchErr := m.survey.tempo.Search(ctx, map[string]string{name: m.trip.mark})
		if on && searchErr == nil && len(ids) > 0 && !m.trip.asked.Same(string(ids[0])) {
			m.trip.given = ids[0]
			return lose(OtherID, "the request's spans are in trace %s, not in %s", ids[0], m.trip.asked)
		}
	}
	others := slices.DeleteFunc(trace.Services(), func(service string) bool { return slices.Contains(args.Services, service) })
	switch {
	case len(others) > 0:
		return lose(NoSpan, "trace %s has spans of %s, and none of %s", trace.ID, strings.Join(trace.Services(), ", "), args.TraefikService)
	case len(trace.Spans) > 0:
		return lose(NotFound, "trace %s has spans of the application only: %s", trace.ID, strings.Join(trace.Services(), ", "))
	}
	return &lost{NotFound, err}
}

// application waits for the spans of the named services beneath Traefik's.
func (m *Module) application(ctx context.Context, args Args) (string, time.Duration, error) {
	missing := func(trace tempo.Trace) []string {
		return slices.DeleteFunc(slices.Clone(args.Services), func(service string) bool { return beneath(trace, args.TraefikService, service) })
	}
	trace, err := m.find(ctx, args, m.trip.asked, func(trace tempo.Trace) bool { return len(missing(trace)) == 0 })
	took := time.Since(m.trip.sent)
	if left := missing(trace); len(left) > 0 {
		return "", took, &lost{NoChildren, fault.Doing("no span of "+strings.Join(left, ", ")+" beneath Traefik's", err)}
	}
	m.trip.found[Application] = trace
	return "spans of " + strings.Join(args.Services, ", ") + " beneath Traefik's", took, err
}

// beneath reports whether a service has a span below one of Traefik's.
func beneath(trace tempo.Trace, top, service string) bool {
	for _, span := range trace.Of(top) {
		if slices.ContainsFunc(trace.Beneath(span), func(below tempo.Span) bool { return below.Service == service }) {
			return true
		}
	}
	return false
}
