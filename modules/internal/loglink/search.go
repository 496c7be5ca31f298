// SPDX-License-Identifier: AGPL-3.0-or-later

package loglink

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/loki"
)

// Request is the request whose lines are looked for.
type Request struct {
	// Mark is a word that only its path has, and ID the trace ID that it was given.
	Mark, ID string
	// Own tells its trace IDs.
	Own Own
	// From and To bound the time.
	From, To time.Time
}

// Found is what a search found.
type Found struct {
	// Link is where the ID is; nil where no line has one.
	Link *Link
	// Line is the line with the ID, else one of the request without, else nil.
	Line *loki.Line
	// Streams counts all that had lines in that time, and Ours names those that
	// mention Traefik.
	Streams int
	Ours    []string
}

// perQuery bounds the lines of an answer.
const perQuery = 100

// Search looks for the request wherever it may have landed: one question for the
// streams and at most two for each of five selectors. What is not found is no
// error.
func Search(ctx context.Context, get loki.Get, of Request) (found Found, err error) {
	streams, err := loki.Series(ctx, get, of.From, of.To)
	if err != nil {
		return found, err
	}
	selectors, mine := Candidates(streams)
	found.Streams, found.Ours = len(streams), selectors[:mine]
	for _, filter := range []string{fmt.Sprintf("|= %q", of.Mark), fmt.Sprintf("| trace_id=%q", of.ID)} {
		for _, selector := range selectors {
			lines, err := loki.Lines(ctx, get, selector+" "+filter, of.From, of.To, perQuery)
			if err != nil {
				return found, err
			}
			if found.take(lines, streams, of.Own); found.Link != nil {
				return found, nil
			}
		}
	}
	return found, nil
}

// take looks through the lines of one answer.
func (f *Found) take(lines []loki.Line, streams []map[string]string, own Own) {
	for _, line := range lines {
		labels := streamOf(line, streams)
		if link, has := Locate(line, labels, own); has {
			link.Selector = Selector(labels)
			f.Link, f.Line = &link, &line
			return
		}
		f.Line = &line
	}
}

// streamOf are the labels of a line that are its stream's: the largest set of a
// stream that fits. A shard's label is left out of answers.
func streamOf(line loki.Line, streams []map[string]string) (best map[string]string) {
	for _, labels := range streams {
		fits := true
		for name, value := range labels {
			fits = fits && (line.Labels[name] == value || strings.HasPrefix(name, "__"))
		}
		if fits && len(labels) > len(best) {
			best = labels
		}
	}
	if best == nil {
		return line.Labels
	}
	return best
}

// Refine tells a label from structured metadata where the query was not one of
// Search.
func Refine(ctx context.Context, get loki.Get, link Link, of Request) (Link, error) {
	if link.Place != Metadata {
		return link, nil
	}
	streams, err := loki.Series(ctx, get, of.From, of.To, link.Selector)
	if err != nil {
		return link, err
	}
	if slices.ContainsFunc(streams, func(labels map[string]string) bool { return labels[link.Name] != "" }) {
		link.Place = Label
	}
	return link, nil
}
