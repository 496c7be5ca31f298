// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/report"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// verdict is nil when no hop failed; else it names the first that lost the
// trace, and what to look at.
func (r *run) verdict() error {
	var failed []HopResult
	for _, result := range r.results {
		if result.Outcome == Failed {
			failed = append(failed, result)
		}
	}
	switch {
	case len(failed) == 0 && !slices.ContainsFunc(r.results, func(result HopResult) bool { return isReceiver(result.Hop) }):
		return noReceiver()
	case len(failed) == 0:
		return nil
	}
	first := failed[0]
	cause := first.err
	if len(failed) > 1 {
		var others []string
		for _, result := range failed[1:] {
			others = append(others, string(result.Hop))
		}
		cause = fmt.Errorf("%w; also failed: %s", first.err, strings.Join(others, ", "))
	}
	doing := fmt.Sprintf("hop %s (%s) lost the trace", first.Hop, titles[first.Hop])
	return fault.Wrap(fault.KindOf(fault.During(doing, first.err)), first.Cause.Hint(), doing, cause)
}

// page is the outcome as it is shown to people.
func (c *client) page(spec Spec) report.Page {
	page := c.run.page()
	page.Cluster, page.Versions, page.Explore = spec.ClusterName, c.observed.versions(), c.explore(spec)
	return page
}

// explore is where the trace is shown in Grafana. No browser can resolve
// names of Services.
func (c *client) explore(spec Spec) string {
	trace := c.run.trace()
	if trace == nil || len(trace.Spans) == 0 || c.observed.Traces == nil || inCluster(spec.GrafanaURL) {
		return ""
	}
	first := slices.MinFunc(trace.Spans, func(a, b tempo.Span) int { return a.Start.Compare(b.Start) })
	link := grafana.Link{Address: spec.GrafanaURL, Version: c.observed.Versions["grafana"], Org: spec.OrgID, UID: spec.TempoUID}
	return link.Trace(string(trace.ID), first.Start)
}

// inCluster reports the address of a Service.
func inCluster(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (strings.HasSuffix(parsed.Hostname(), ".svc") || strings.Contains(parsed.Hostname(), ".svc."))
}

func (r *run) page() report.Page {
	page := report.Page{Headline: r.headline(), Summary: r.summary(), Passed: r.verdict() == nil, Trace: r.trace()}
	for _, result := range r.results {
		hop := report.Hop{Title: titles[result.Hop], Outcome: string(result.Outcome), Detail: result.Detail, Duration: result.Took, Doubt: result.Doubt}
		if result.Cause != nil {
			hop.Cause = &report.Cause{Text: result.Cause.Text, Look: result.Cause.Look}
		}
		page.Hops = append(page.Hops, hop)
	}
	return page
}

// headline is the verdict in a few words.
func (r *run) headline() string {
	for _, result := range r.results {
		if result.Outcome == Failed {
			return "the trace is lost at: " + titles[result.Hop]
		}
	}
	if err := r.verdict(); err != nil {
		return err.Error()
	}
	if slices.ContainsFunc(r.results, func(result HopResult) bool { return result.Doubt != "" }) {
		return "every hop passed, one with a doubt"
	}
	return "every hop passed"
}

// summary counts the hops by their outcome: "10 passed, 1 failed, 2 not checked".
func (r *run) summary() string {
	var parts []string
	for _, outcome := range []Outcome{Passed, Failed, Skipped, Absent} {
		count := len(slices.DeleteFunc(slices.Clone(r.results), func(result HopResult) bool { return result.Outcome != outcome }))
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, report.Hop{Outcome: string(outcome)}.Word()))
		}
	}
	return strings.Join(parts, ", ")
}
