// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/traceql"
)

// steps is the time range of a metrics query, and its steps.
type steps struct {
	start, end time.Time
	step       time.Duration
}

func (a *App) queryRange(r *http.Request, tenant string) (any, error) {
	series, at, err := a.series(r, tenant, false)
	if err != nil {
		return nil, err
	}
	all := []any{}
	for _, one := range series {
		samples := []any{}
		for i, value := range one.values {
			stamp := at.start.Add(time.Duration(i) * at.step).UnixMilli()
			samples = append(samples, map[string]any{"timestampMs": strconv.FormatInt(stamp, 10), "value": value})
		}
		all = append(all, map[string]any{"labels": one.labels, "promLabels": one.name, "samples": samples})
	}
	return map[string]any{"series": all, "metrics": map[string]any{}}, nil
}

func (a *App) queryInstant(r *http.Request, tenant string) (any, error) {
	series, _, err := a.series(r, tenant, true)
	if err != nil {
		return nil, err
	}
	all := []any{}
	for _, one := range series {
		all = append(all, map[string]any{"labels": one.labels, "promLabels": one.name, "value": one.values[0]})
	}
	return map[string]any{"series": all, "metrics": map[string]any{}}, nil
}

// generated says why a metric of recent spans is not available: below 3 a metrics generator has them.
func (a *App) generated() error {
	if a.config.Edition.From(3, 0) {
		return nil
	}
	if a.ring != nil && len(a.ring.Of(generator)) == 0 || a.ring == nil && a.generator == nil {
		return errors.New("error querying generators in Querier.queryRangeRecent: error finding generators: empty ring")
	}
	if !slices.Contains(a.config.Overrides.Wanted(), "local-blocks") {
		return errors.New("error querying generators in Querier.queryRangeRecent: rpc error: code = Unknown desc = localblocks processor not found")
	}
	return nil
}

type series struct {
	name   string
	labels []any
	values []float64
}

func (a *App) series(r *http.Request, tenant string, instant bool) ([]series, steps, error) {
	at, err := stepsOf(r.URL.Query(), instant)
	if err != nil {
		return nil, at, bad(err)
	}
	query, err := traceql.Parse(r.URL.Query().Get("q") + r.URL.Query().Get("query"))
	if err == nil && query.Metric == "" {
		err = errors.New("not a metrics query")
	}
	if err != nil {
		return nil, at, bad(err)
	}
	if err := a.generated(); err != nil {
		return nil, at, err
	}
	records, err := a.candidates(r.Context(), tenant, asked{start: at.start, end: at.end})
	if err != nil {
		return nil, at, err
	}
	counts := map[string]*series{}
	for _, record := range records {
		traces, err := spans.Decode(record.Raw)
		if err != nil {
			return nil, at, err
		}
		summary := spans.Summarize(record.ID, traces)
		query.Find(summary, traces, func(resource ptrace.ResourceSpans, span ptrace.Span) {
			count(counts, query, at, labelled(query, summary, resource, span), span)
		})
	}
	var all []series
	for _, one := range counts {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(x, y series) int { return strings.Compare(x.name, y.name) })
	return all, at, nil
}

// labelled is a series without values: its name and labels.
func labelled(query traceql.Query, summary spans.Summary, resource ptrace.ResourceSpans, span ptrace.Span) series {
	one := series{labels: []any{}}
	by := query.By
	var pairs []string
	for _, field := range by {
		value, _ := traceql.Value(field, summary, resource, span)
		text := fmt.Sprint(value)
		one.labels = append(one.labels, map[string]any{"key": field, "value": map[string]any{"stringValue": text}})
		pairs = append(pairs, fmt.Sprintf("%s=%q", strings.ReplaceAll(field, ".", "_"), text))
	}
	if len(by) == 0 {
		one.labels = append(one.labels, map[string]any{"key": "__name__", "value": map[string]any{"stringValue": query.Metric}})
		pairs = []string{fmt.Sprintf("__name__=%q", query.Metric)}
	}
	one.name = "{" + strings.Join(pairs, ", ") + "}"
	return one
}

// count adds a span to its step.
func count(counts map[string]*series, query traceql.Query, at steps, one series, span ptrace.Span) {
	began := span.StartTimestamp().AsTime()
	if began.Before(at.start) || began.After(at.end) {
		return
	}
	has := counts[one.name]
	if has == nil {
		one.values = make([]float64, int(at.end.Sub(at.start)/at.step)+1)
		has = &one
		counts[one.name] = has
	}
	each := 1.0
	if query.Metric == "rate" {
		each /= at.step.Seconds()
	}
	has.values[int(began.Sub(at.start)/at.step)] += each
}

// stepsOf reads start, end or since, and step: by default the last hour, in steps that make a graph.
func stepsOf(values url.Values, instant bool) (steps, error) {
	at := steps{end: time.Now()}
	since, err := time.ParseDuration(cmp.Or(values.Get("since"), "1h"))
	if err != nil {
		return at, fmt.Errorf("invalid since: %w", err)
	}
	at.start = at.end.Add(-since)
	for name, into := range map[string]*time.Time{"start": &at.start, "end": &at.end} {
		if given := values.Get(name); given != "" {
			number, err := strconv.ParseInt(given, 10, 64)
			if err != nil {
				return at, fmt.Errorf("invalid %s: %w", name, err)
			}
			if *into = time.Unix(number, 0); number > 1e12 {
				*into = time.Unix(0, number)
			}
		}
	}
	if !at.end.After(at.start) {
		return at, errors.New("end must be after start")
	}
	if at.step = at.end.Sub(at.start); instant {
		return at, nil
	}
	at.step = max(time.Second, (at.step / 60).Truncate(time.Second))
	if given := values.Get("step"); given != "" {
		if at.step, err = time.ParseDuration(given); err != nil {
			seconds, wrong := strconv.ParseFloat(given, 64)
			if wrong != nil {
				return at, fmt.Errorf("invalid step: %w", err)
			}
			at.step = time.Duration(seconds * float64(time.Second))
		}
	}
	if at.step <= 0 {
		return at, errors.New("step must be greater than 0")
	}
	at.start = at.start.Truncate(at.step)
	return at, nil
}
