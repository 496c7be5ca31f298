// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/report"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Outcome is how the check of a hop ended.
type Outcome string

// The outcomes. Skipped is a hop that could not be checked since an earlier one
// failed; Absent is one that this Tempo does not have, which is no fault.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
	Absent  Outcome = "absent"
)

// HopResult is what is known of a hop.
type HopResult struct {
	Hop     Hop
	Outcome Outcome
	// Took is from the sending to the finding.
	Took time.Duration
	// Detail is one sentence: what was seen, or why not.
	Detail string
	// Cause is set for a failed hop.
	Cause *Cause
	// Doubt is what is not as it should be although the hop passed, "" for none.
	Doubt string
	err   error
}

// result is a hop as results have it. Latency is in milliseconds.
func (h HopResult) result() map[string]any {
	result := map[string]any{"name": string(h.Hop), "title": titles[h.Hop], "status": string(h.Outcome), "detail": h.Detail, "latency_ms": h.Took.Milliseconds()}
	if h.Cause != nil {
		result["cause"], result["look_at"] = h.Cause.Text, h.Cause.Look
	}
	if h.Doubt != "" {
		result["doubt"] = h.Doubt
	}
	return result
}

// Findings are what the checks found.
type Findings struct {
	Results []HopResult
	// Trace is the one to show to people, nil when none arrived.
	Trace *tempo.Trace
	// LogLink is where the request's line in Loki has its trace ID, nil until it was
	// found.
	LogLink *loglink.Link
	// Reported is true once the report is written.
	Reported bool
}

func (f Findings) result() map[string]any {
	hops := []map[string]any{}
	for _, hop := range f.Results {
		hops = append(hops, hop.result())
	}
	result := map[string]any{"hops": hops}
	if f.LogLink != nil {
		result["log_link"] = f.LogLink.Data()
	}
	if f.Trace != nil {
		result["trace"] = report.TraceData(*f.Trace)
		result["waterfall"] = report.Waterfall(*f.Trace, report.Columns)
	}
	return result
}

// run is what happened so far.
type run struct {
	// mark is a word that no other run uses. It is in spans and in the
	// path of the request.
	mark    string
	begin   time.Time
	results []HopResult
	// traces are those that arrived.
	traces map[Hop]tempo.Trace
	// sent is when the request went through Traefik, and asked its trace ID.
	sent  time.Time
	asked tempo.TraceID
	// given is the ID that Traefik gave it in place of that, if it did.
	given tempo.TraceID
	// answered is the status code of its answer, 0 before there is one.
	answered int
	// line is the access-log line of that request, and link where its trace ID is.
	line loki.Line
	link *loglink.Link
	// without is a line of the request that has no trace ID.
	without *loki.Line
	// seen is what the last search in Loki came upon, nil before the first.
	seen     *loglink.Found
	reported bool
}

func newRun() *run {
	return &run{mark: "probe-" + string(tempo.NewSpanID()), begin: time.Now(), traces: map[Hop]tempo.Trace{}}
}

func (r *run) findings() Findings {
	return Findings{Results: slices.Clone(r.results), Trace: r.trace(), LogLink: r.link, Reported: r.reported}
}

// own reports whether an ID is that of the request's trace, asked or given.
func (r *run) own(id string) bool {
	return r.asked.Same(id) || (r.given != "" && r.given.Same(id))
}

// blocked returns the hop that keeps another from being checked, if there is one.
func (r *run) blocked(hop Hop) (by Hop, blocked bool) {
	if r.outcome(Query) == Failed && hop == Traefik {
		return Query, true
	}
	// The link from a span needs the line that it has to find, and the span.
	for _, one := range []Hop{AccessLog, Traefik} {
		if hop == SpanLogs && r.outcome(one) != Passed {
			return one, true
		}
	}
	needed := needs[hop]
	if len(needed) == 0 || slices.ContainsFunc(needed, func(one Hop) bool { return r.outcome(one) == Passed }) {
		return "", false
	}
	for _, one := range needed {
		if r.outcome(one) != "" {
			return one, true
		}
	}
	return needed[0], true
}

// outcome is "" for a hop that was not checked yet.
func (r *run) outcome(hop Hop) Outcome {
	for _, result := range r.results {
		if result.Hop == hop {
			return result.Outcome
		}
	}
	return ""
}

// symptom is what was seen at a hop that failed, "" for any other.
func (r *run) symptom(hop Hop) Symptom {
	for _, result := range r.results {
		if result.Hop == hop && result.Cause != nil {
			return result.Cause.Symptom
		}
	}
	return ""
}

// trace is the one to show to people: Traefik's, else the first that arrived.
func (r *run) trace() *tempo.Trace {
	for _, hop := range append([]Hop{Application, Traefik}, receivers...) {
		if trace, has := r.traces[hop]; has {
			return &trace
		}
	}
	return nil
}

// skip adds a hop that was not checked because of another.
func (r *run) skip(hop, by Hop) {
	r.results = append(r.results, HopResult{Hop: hop, Outcome: Skipped, Detail: "not tried, since " + string(by) + " did not pass"})
}

// note adds the outcome of a check.
func (r *run) note(hop Hop, took time.Duration, detail string, err error) {
	result := HopResult{Hop: hop, Outcome: Passed, Took: took, Detail: detail, err: err}
	var without *absence
	switch {
	case errors.As(err, &without):
		result.Outcome, result.Detail, result.err = Absent, without.why, nil
	case err != nil:
		result.Outcome, result.Detail = Failed, err.Error()
		cause := causeOf(hop, err)
		result.Cause = &cause
	case hop == Ingress:
		result.Doubt = r.doubt()
	}
	r.results = append(r.results, result)
}

// absence is a hop that the versions here do not have.
type absence struct{ why string }

func (a *absence) Error() string { return a.why }

// over ends a run that has timed out; the verdict then is that of the hop.
func (r *run) over(ctx context.Context, hop Hop) error {
	if ctx.Err() == nil {
		return nil
	}
	if err := r.verdict(); err != nil {
		return err
	}
	return fault.During("hop "+string(hop), ctx.Err())
}
