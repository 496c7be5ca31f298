// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Status is how a hop went.
type Status string

// The statuses. Skipped is a hop that could not be gone since an earlier one
// failed; Absent is one that this Tempo does not have, which is no fault.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped"
	Absent  Status = "absent"
)

// Outcome is what is known of a hop.
type Outcome struct {
	Hop    Hop
	Status Status
	// Took is from the sending to the finding.
	Took time.Duration
	// Detail is one sentence: what was seen, or why not.
	Detail string
	// Cause is there for a failed hop.
	Cause *Cause
	err   error
}

// shown is the outcome as results have it. Latency is in milliseconds.
func (o Outcome) shown() map[string]any {
	shown := map[string]any{"name": string(o.Hop), "title": titles[o.Hop], "status": string(o.Status), "detail": o.Detail, "latency_ms": o.Took.Milliseconds()}
	if o.Cause != nil {
		shown["cause"], shown["look_at"] = o.Cause.Text, o.Cause.Look
	}
	return shown
}

// titles say what a hop is.
var titles = map[Hop]string{
	Query: "Tempo's query frontend", OTLPgRPC: "OTLP over gRPC", OTLPHTTP: "OTLP over HTTP", Zipkin: "Zipkin", Search: "search in Tempo",
	Ingress: "request through Traefik", Traefik: "Traefik's span", Application: "spans of the application", AccessLog: "access log in Loki",
	DerivedField: "link from the log", Grafana: "trace in Grafana",
}

// trip is what happened on the way so far.
type trip struct {
	// mark is a word that no other run uses. It stands in spans and in the
	// path of the request.
	mark     string
	outcomes []Outcome
	// found are the traces that arrived.
	found map[Hop]tempo.Trace
	// sent is when the request went through Traefik, and asked its trace ID.
	sent  time.Time
	asked tempo.TraceID
	// given is the ID that Traefik gave it in place of that, if it did.
	given tempo.TraceID
	// line is the access-log line of that request.
	line     string
	reported bool
}

func newTrip() *trip {
	return &trip{mark: "probe-" + string(tempo.NewSpanID()), found: map[Hop]tempo.Trace{}}
}

// needs are the hops without which another one proves nothing. For a list, one
// of them is enough.
var needs = map[Hop][]Hop{
	OTLPgRPC: {Query}, OTLPHTTP: {Query}, Zipkin: {Query}, Search: receivers,
	Traefik: {Ingress}, Application: {Traefik}, AccessLog: {Ingress}, DerivedField: {AccessLog}, Grafana: append([]Hop{Traefik}, receivers...),
}

// its reports whether an id is that of the request's trace, asked or given.
func (t *trip) its(id string) bool {
	return t.asked.Same(id) || (t.given != "" && t.given.Same(id))
}

// blocked returns the hop that keeps another from being gone, if there is one.
func (t *trip) blocked(hop Hop) (by Hop, blocked bool) {
	if t.statusOf(Query) == Failed && hop == Traefik {
		return Query, true
	}
	needed := needs[hop]
	if len(needed) == 0 || slices.ContainsFunc(needed, func(one Hop) bool { return t.statusOf(one) == Passed }) {
		return "", false
	}
	for _, one := range needed {
		if t.statusOf(one) != "" {
			return one, true
		}
	}
	return needed[0], true
}

func (t *trip) statusOf(hop Hop) Status {
	for _, outcome := range t.outcomes {
		if outcome.Hop == hop {
			return outcome.Status
		}
	}
	return ""
}

// shown is the trace to show to people: Traefik's, else the first that arrived.
func (t *trip) shown() *tempo.Trace {
	for _, hop := range append([]Hop{Application, Traefik}, receivers...) {
		if trace, has := t.found[hop]; has {
			return &trace
		}
	}
	return nil
}

// lost is why a hop failed, with the sign by which the cause is looked up.
type lost struct {
	sign Sign
	err  error
}

func (l *lost) Error() string { return l.err.Error() }

func (l *lost) Unwrap() error { return l.err }

func lose(sign Sign, format string, args ...any) error {
	return &lost{sign, fmt.Errorf(format, args...)}
}

// signed gives an error a sign, unless it has one.
func signed(sign Sign, err error) error {
	var known *lost
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &lost{sign, err}
}

// note adds the outcome of a hop.
func (t *trip) note(hop Hop, took time.Duration, detail string, err error) {
	outcome := Outcome{Hop: hop, Status: Passed, Took: took, Detail: detail, err: err}
	var gone *absence
	switch {
	case errors.As(err, &gone):
		outcome.Status, outcome.Detail, outcome.err = Absent, gone.why, nil
	case err != nil:
		outcome.Status, outcome.Detail = Failed, err.Error()
		cause := causeOf(hop, err)
		outcome.Cause = &cause
	}
	t.outcomes = append(t.outcomes, outcome)
}

// absence is a hop that the versions here do not have.
type absence struct{ why string }

func (a *absence) Error() string { return a.why }

// verdict is nil when no hop failed; else it names the first that lost the
// trace, and what to look at.
func (t *trip) verdict() error {
	var failed []Outcome
	for _, outcome := range t.outcomes {
		if outcome.Status == Failed {
			failed = append(failed, outcome)
		}
	}
	switch {
	case len(failed) == 0 && !slices.ContainsFunc(t.outcomes, func(outcome Outcome) bool { return isReceiver(outcome.Hop) }):
		return errNoReceiver
	case len(failed) == 0:
		return nil
	}
	first := failed[0]
	cause := first.err
	if len(failed) > 1 {
		var others []string
		for _, outcome := range failed[1:] {
			others = append(others, string(outcome.Hop))
		}
		cause = fmt.Errorf("%w; also failed: %s", first.err, strings.Join(others, ", "))
	}
	doing := fmt.Sprintf("hop %s (%s) lost the trace", first.Hop, titles[first.Hop])
	return fault.As(fault.KindOf(fault.Doing(doing, first.err)), first.Cause.Hint(), doing, cause)
}
