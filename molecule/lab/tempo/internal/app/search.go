// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/traceql"
)

// asked are the parameters of a search.
type asked struct {
	tags           map[string]string
	query          *traceql.Query
	least, longest time.Duration
	limit          int
	start, end     time.Time
}

// parse reads a search's parameters, with Tempo's errors (grafana/tempo, pkg/api/http.go).
func (a *App) parse(values url.Values) (asked, error) {
	wanted := asked{limit: 20}
	var err error
	if wanted.start, wanted.end, err = period(values, a.config.Edition); err != nil {
		return wanted, err
	}
	if wanted.tags, err = tagsOf(values.Get("tags")); err != nil {
		return wanted, err
	}
	for name, into := range map[string]*time.Duration{"minDuration": &wanted.least, "maxDuration": &wanted.longest} {
		if given := values.Get(name); given != "" {
			if *into, err = time.ParseDuration(given); err != nil {
				return wanted, fmt.Errorf("invalid %s: %w", name, err)
			}
		}
	}
	if given := values.Get("limit"); given != "" {
		if wanted.limit, err = strconv.Atoi(given); err != nil {
			return wanted, fmt.Errorf("invalid limit: %w", err)
		}
		if wanted.limit <= 0 {
			return wanted, errors.New("invalid limit: must be a positive number")
		}
	}
	if text := values.Get("q"); text != "" && a.config.Edition.From(2, 0) {
		query, err := traceql.Parse(text)
		if err != nil {
			return wanted, fmt.Errorf("invalid TraceQL query: %w", err)
		}
		wanted.query = &query
	}
	return wanted, nil
}

// period are start and end in seconds; without either it is unbounded.
func period(values url.Values, e edition.Edition) (start, end time.Time, err error) {
	var bounds [2]int64
	for i, name := range []string{"start", "end"} {
		if given := values.Get(name); given != "" {
			if bounds[i], err = seconds(given, e); err != nil {
				return start, end, fmt.Errorf("invalid %s: %w", name, err)
			}
		}
	}
	if bounds == [2]int64{} {
		return start, end, nil
	}
	if bounds[1] <= bounds[0] {
		return start, end, fmt.Errorf("http parameter start must be before end. received start=%d end=%d", bounds[0], bounds[1])
	}
	return time.Unix(bounds[0], 0), time.Unix(bounds[1], 0), nil
}

// seconds reads a time; the error names the parsing function, another one from 3 on.
func seconds(given string, e edition.Edition) (int64, error) {
	if e.From(3, 0) {
		number, err := strconv.ParseUint(given, 10, 32)
		return int64(number), err //nolint:gosec // 32 bits
	}
	return strconv.ParseInt(given, 10, 32)
}

// tagsOf reads logfmt: key=value key="a value".
func tagsOf(text string) (map[string]string, error) {
	tags := map[string]string{}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		var pair string
		at := strings.IndexAny(rest, "= ")
		if at < 0 || rest[at] == ' ' {
			pair, rest, _ = strings.Cut(rest, " ")
			tags[pair] = ""
			continue
		}
		key := rest[:at]
		rest = rest[at+1:]
		value, after, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value, _ = strconv.Unquote(quoted)
			after = rest[len(quoted):]
		}
		if _, twice := tags[key]; twice {
			return nil, fmt.Errorf("invalid tags: tag %s has been set twice", key)
		}
		tags[key], rest = value, after
	}
	return tags, nil
}

// found is a trace with its matching spans, and how many each service has.
type found struct {
	summary  spans.Summary
	matched  []match
	services map[string]stats
	byTags   bool
}

// match is a span, and its attributes that the query names.
type match struct {
	ptrace.Span
	named []any
}

type stats struct {
	Spans  int `json:"spanCount,omitempty"`
	Errors int `json:"errorCount,omitempty"`
}

func (a *App) search(r *http.Request, tenant string) (any, error) {
	wanted, err := a.parse(r.URL.Query())
	if err != nil {
		return nil, bad(err)
	}
	all, err := a.searched(r.Context(), tenant, wanted)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(x, y found) int { return y.summary.Start.Compare(x.summary.Start) })
	traces := []any{}
	for _, one := range all[:min(len(all), wanted.limit)] {
		traces = append(traces, a.metadata(one))
	}
	metrics := map[string]any{"completedJobs": 1, "totalJobs": 1}
	if len(all) > 0 {
		metrics["inspectedTraces"] = len(all)
	}
	if a.config.Edition.Before(2, 0) && len(traces) == 0 {
		return map[string]any{"metrics": metrics}, nil
	}
	return map[string]any{"traces": traces, "metrics": metrics}, nil
}

// searched are the matching traces, combined from recent ones and blocks.
func (a *App) searched(ctx context.Context, tenant string, wanted asked) ([]found, error) {
	records, err := a.candidates(ctx, tenant, wanted)
	if err != nil {
		return nil, err
	}
	var all []found
	for _, record := range records {
		traces, err := spans.Decode(record.Raw)
		if err != nil {
			return nil, err
		}
		one := found{summary: spans.Summarize(record.ID, traces), byTags: wanted.query == nil}
		if !a.inTime(one.summary, wanted) || !a.fits(&one, traces, wanted) {
			continue
		}
		all = append(all, one)
	}
	return all, nil
}

// candidates are all traces that a search looks at. Below 2.0 it searches blocks only where a time is given.
func (a *App) candidates(ctx context.Context, tenant string, wanted asked) ([]store.Record, error) {
	all, err := a.recent(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if a.config.Edition.From(2, 0) || !wanted.end.IsZero() {
		stored, err := a.store.All(ctx, tenant, wanted.start, wanted.end)
		if err != nil {
			return nil, err
		}
		all = append(all, stored...)
	}
	return store.Merge(all)
}

// inTime excludes traces that are too short, too long, of another time, or, from 3 on, too recent.
func (a *App) inTime(trace spans.Summary, wanted asked) bool {
	length := trace.End.Sub(trace.Start)
	if length < wanted.least || wanted.longest > 0 && length > wanted.longest {
		return false
	}
	end := cmp.Or(wanted.end, time.Now())
	if cutoff := a.config.Frontend.Cutoff; cutoff > 0 && end.After(time.Now().Add(-cutoff)) {
		end = time.Now().Add(-cutoff)
		return !trace.Start.After(end) && !trace.End.Before(wanted.start)
	}
	return wanted.end.IsZero() || !trace.Start.After(end) && !trace.End.Before(wanted.start)
}

// fits matches the query, or the tags: all of them, each by a part of its value on any span.
func (a *App) fits(one *found, traces ptrace.Traces, wanted asked) bool {
	query := traceql.Query{}
	if wanted.query != nil {
		query = *wanted.query
	}
	query.Find(one.summary, traces, func(resource ptrace.ResourceSpans, span ptrace.Span) {
		one.matched = append(one.matched, match{span, query.Named(one.summary, resource, span)})
	})
	one.services = servicesOf(traces)
	if len(one.matched) == 0 {
		return false
	}
	has := tagsIn(one.summary, traces)
	for name, value := range wanted.tags {
		if !slices.ContainsFunc(has[name], func(candidate string) bool { return strings.Contains(candidate, value) }) {
			return false
		}
	}
	return true
}

// metadata is a trace in a search's response.
func (a *App) metadata(one found) map[string]any {
	s := one.summary
	all := map[string]any{"traceID": spans.Short(s.ID), "rootServiceName": s.Service, "startTimeUnixNano": strconv.FormatInt(s.Start.UnixNano(), 10)}
	if s.Name != "" {
		all["rootTraceName"] = s.Name
	}
	if length := s.End.Sub(s.Start).Milliseconds(); length > 0 {
		all["durationMs"] = length
	}
	if a.config.Edition.Before(2, 0) {
		return all
	}
	if one.byTags {
		return all
	}
	set := map[string]any{"spans": spanRefs(one.matched[:min(len(one.matched), 3)]), "matched": len(one.matched)}
	all["spanSet"] = set
	if a.config.Edition.From(2, 2) {
		all["spanSets"] = []any{set}
	}
	if a.config.Edition.From(2, 5) {
		all["serviceStats"] = one.services
	}
	return all
}

func servicesOf(traces ptrace.Traces) map[string]stats {
	all := map[string]stats{}
	spans.Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		has := all[spans.Service(resource)]
		has.Spans++
		if span.Status().Code() == ptrace.StatusCodeError {
			has.Errors++
		}
		all[spans.Service(resource)] = has
	})
	return all
}

func spanRefs(from []match) []any {
	all := []any{}
	for _, span := range from {
		start, end := span.StartTimestamp(), span.EndTimestamp()
		one := map[string]any{"spanID": span.SpanID().String(), "startTimeUnixNano": strconv.FormatUint(uint64(start), 10),
			"durationNanos": strconv.FormatUint(uint64(end-start), 10)}
		if len(span.named) > 0 {
			one["attributes"] = span.named
		}
		all = append(all, one)
	}
	return all
}
