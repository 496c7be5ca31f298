// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
)

// entry is one line of a log; at is in nanoseconds.
type entry struct {
	stream map[string]string
	at     int64
	line   string
}

// tenants keep the lines of each by its name, newest last.
type tenants struct {
	mu      sync.Mutex
	entries map[string][]entry
}

func (t *tenants) keep(tenant string, one entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries == nil {
		t.entries = map[string][]entry{}
	}
	t.entries[tenant] = append(t.entries[tenant], one)
}

// newest are the entries from the start up to the end, newest first.
func (t *tenants) newest(tenant string, start, end int64) []entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := slices.DeleteFunc(slices.Clone(t.entries[tenant]), func(one entry) bool { return one.at < start || one.at >= end })
	slices.SortStableFunc(found, func(a, b entry) int { return cmp.Compare(b.at, a.at) })
	return found
}

// stream is an item of an answer's result: lines with one set of labels, to which those count that the pipeline found in them.
type stream struct {
	Stream map[string]string `json:"stream"`
	Values [][2]string       `json:"values"`
}

// find runs Loki's own pipeline over the lines of the streams that the selector names.
func (t *tenants) find(tenant string, expression syntax.LogSelectorExpr, start, end int64, limit int) ([]*stream, error) {
	pipeline, err := expression.Pipeline()
	if err != nil {
		return nil, err
	}
	found, byLabels := []*stream{}, map[string]*stream{}
	for _, one := range t.newest(tenant, start, end) {
		given := labels.FromMap(one.stream)
		if limit == 0 || !selected(expression.Matchers(), given) {
			continue
		}
		line, all, matches := pipeline.ForStream(given).ProcessString(one.at, one.line, labels.EmptyLabels())
		if !matches {
			continue
		}
		limit--
		group, known := byLabels[all.String()]
		if !known {
			group = &stream{Stream: all.Labels().Map()}
			found, byLabels[all.String()] = append(found, group), group
		}
		group.Values = append(group.Values, [2]string{strconv.FormatInt(one.at, 10), line})
	}
	return found, nil
}

func selected(matchers []*labels.Matcher, given labels.Labels) bool {
	return !slices.ContainsFunc(matchers, func(matcher *labels.Matcher) bool { return !matcher.Matches(given.Get(matcher.Name)) })
}
