// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/report"
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
		return errNoReceiver
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
	return fault.As(fault.KindOf(fault.Doing(doing, first.err)), first.Cause.Hint(), doing, cause)
}

// page is the outcome as it is shown to people.
func (r *run) page(versions map[string]any) report.Page {
	page := report.Page{Headline: r.headline(), Summary: r.summary(), Passed: r.verdict() == nil, Versions: versions, Trace: r.trace()}
	for _, result := range r.results {
		hop := report.Hop{Title: titles[result.Hop], Outcome: string(result.Outcome), Detail: result.Detail, Duration: result.Took}
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
			return "lost at: " + titles[result.Hop]
		}
	}
	if err := r.verdict(); err != nil {
		return err.Error()
	}
	return "every hop passed"
}

// summary counts the hops by their outcome: "10 passed, 1 failed".
func (r *run) summary() string {
	var parts []string
	for _, outcome := range []Outcome{Passed, Failed, Skipped, Absent} {
		count := len(slices.DeleteFunc(slices.Clone(r.results), func(result HopResult) bool { return result.Outcome != outcome }))
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, outcome))
		}
	}
	return strings.Join(parts, ", ")
}
