// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// success is Loki's envelope around a result.
type success struct {
	Status string `json:"status"`
	Data   any    `json:"data,omitempty"`
}

// result is what a query answers.
type result struct {
	Type   string         `json:"resultType"`
	Result any            `json:"result"`
	Stats  map[string]any `json:"stats"`
}

func succeeded(kind string, found any, count int) success {
	return success{"success", result{kind, found, map[string]any{"summary": map[string]any{"totalEntriesReturned": count}}}}
}

// query answers an instant query, of which the stand-in supports only sums of vectors.
func (s *server) query(_ string, r *http.Request) (any, error) {
	asked, err := parse(r.FormValue("query"))
	if err != nil {
		return nil, err
	}
	if asked.vector == nil {
		return nil, bad("log queries are not supported as an instant query type, please change your query to a range query type")
	}
	type sample struct {
		Metric map[string]string `json:"metric"`
		Value  [2]any            `json:"value"`
	}
	at, value := float64(time.Now().UnixMilli())/1000, strconv.FormatFloat(*asked.vector, 'f', -1, 64)
	return succeeded("vector", []sample{{map[string]string{}, [2]any{at, value}}}, 1), nil
}

// lines are the matching lines of one set of labels.
type lines struct {
	Stream map[string]string `json:"stream"`
	Values [][2]string       `json:"values"`
}

func (s *server) queryRange(tenant string, r *http.Request) (any, error) {
	asked, err := parse(r.FormValue("query"))
	if err != nil {
		return nil, err
	}
	if asked.vector != nil {
		return nil, bad("parse error at line 1, col 1: the lab's stand-in for Loki knows vector() in instant queries alone")
	}
	start, end, err := s.span(r, time.Hour)
	if err != nil {
		return nil, err
	}
	limit, forward, err := s.order(r)
	if err != nil {
		return nil, err
	}
	all := s.find(tenant, asked, start, end)
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	if !forward {
		slices.Reverse(all)
	}
	all = all[:min(len(all), limit)]
	return succeeded("streams", byLabels(all), len(all)), nil
}

// order is how many lines are wanted, and whether the oldest come first.
func (s *server) order(r *http.Request) (limit int, forward bool, err error) {
	limit, err = strconv.Atoi(cmp.Or(r.FormValue("limit"), "100"))
	most := s.config.Limits.Entries
	switch direction := strings.ToLower(r.FormValue("direction")); {
	case err != nil:
		return 0, false, err
	case limit <= 0:
		return 0, false, bad("limit must be a positive value")
	case limit > most:
		return 0, false, bad("max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)", limit, most)
	case direction != "" && direction != "forward" && direction != "backward":
		return 0, false, bad("invalid direction '%s'", direction)
	default:
		return limit, direction == "forward", nil
	}
}

// find sends all lines of the time range through the stages.
func (s *server) find(tenant string, asked query, start, end int64) (all []found) {
	for _, stream := range s.store.streams(tenant, asked.selector, start, end) {
		for _, line := range stream.entries {
			one := found{line.at, line.line, maps.Clone(stream.labels)}
			for name, value := range line.metadata {
				if _, taken := stream.labels[name]; taken {
					name += "_extracted"
				}
				one.labels[name] = value
			}
			if asked.pass(&one) {
				all = append(all, one)
			}
		}
	}
	return all
}

// byLabels groups lines by their labels.
func byLabels(all []found) []lines {
	groups := map[string]*lines{}
	for _, one := range all {
		key := text(one.labels)
		if groups[key] == nil {
			groups[key] = &lines{Stream: one.labels}
		}
		groups[key].Values = append(groups[key].Values, [2]string{strconv.FormatInt(one.at, 10), one.line})
	}
	sorted := []lines{}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		sorted = append(sorted, *groups[key])
	}
	return sorted
}
