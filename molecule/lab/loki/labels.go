// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"
)

// recent is how far back the lists of labels go by default.
const recent = 6 * time.Hour

// selectors parses queries of matchers only; none selects every stream.
func selectors(texts []string) (all [][]matcher, err error) {
	for _, text := range texts {
		asked, err := parse(text)
		if err != nil {
			return nil, err
		}
		if len(asked.stages) > 0 || asked.vector != nil {
			return nil, bad("only label matchers are supported")
		}
		all = append(all, asked.selector)
	}
	if all == nil {
		all = [][]matcher{nil}
	}
	return all, nil
}

// sets are the labels of the streams that a request selects, each set once.
func (s *server) sets(tenant string, r *http.Request, queries []string) ([]map[string]string, error) {
	start, end, err := s.span(r, recent)
	if err != nil {
		return nil, err
	}
	wanted, err := selectors(queries)
	if err != nil {
		return nil, err
	}
	sets := map[string]map[string]string{}
	for _, selector := range wanted {
		for _, stream := range s.store.streams(tenant, selector, start, end) {
			sets[text(stream.labels)] = stream.labels
		}
	}
	sorted := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		sorted = append(sorted, sets[key])
	}
	return sorted, nil
}

// queryOf is the query of a request for labels, which may have none.
func queryOf(r *http.Request) []string {
	if query := r.FormValue("query"); query != "" {
		return []string{query}
	}
	return nil
}

func (s *server) labels(tenant string, r *http.Request) (any, error) {
	sets, err := s.sets(tenant, r, queryOf(r))
	names := map[string]bool{}
	for _, set := range sets {
		for name := range set {
			names[name] = true
		}
	}
	return listed(names), err
}

func (s *server) values(tenant string, r *http.Request) (any, error) {
	sets, err := s.sets(tenant, r, queryOf(r))
	values := map[string]bool{}
	for _, set := range sets {
		if value := set[r.PathValue("name")]; value != "" {
			values[value] = true
		}
	}
	return listed(values), err
}

// listed sorts the words; without any there is no data.
func listed(words map[string]bool) success {
	if len(words) == 0 {
		return success{Status: "success"}
	}
	return success{"success", slices.SortedFunc(maps.Keys(words), cmp.Compare[string])}
}

func (s *server) series(tenant string, r *http.Request) (any, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	sets, err := s.sets(tenant, r, slices.Concat(r.Form["match"], r.Form["match[]"]))
	return success{"success", sets}, err
}
