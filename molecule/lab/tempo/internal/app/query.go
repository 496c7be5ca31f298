// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

// query answers for one tenant: with a value that becomes JSON, or with an error.
type query func(r *http.Request, tenant string) (any, error)

// refusal is an error with its HTTP status; others are 500.
type refusal struct {
	status int
	words  string
}

func (r refusal) Error() string { return r.words }

func bad(err error) error { return refusal{http.StatusBadRequest, err.Error()} }

// queries are the paths that the edition has (grafana/tempo, docs, API).
func (a *App) queries() map[string]query {
	e := a.config.Edition
	all := map[string]query{"/api/traces/{id}": a.traceByID}
	if a.config.Search || e.From(2, 0) {
		all["/api/search"] = a.search
		all["/api/search/tags"] = a.tags
		all["/api/search/tag/{tag}/values"] = a.tagValues
	}
	if e.From(2, 0) {
		all["/api/v2/search/tag/{tag}/values"] = a.tagValuesV2
	}
	if e.From(2, 3) {
		all["/api/v2/search/tags"] = a.tagsV2
	}
	if e.From(2, 4) {
		all["/api/metrics/query_range"] = a.queryRange
	}
	if e.From(2, 6) {
		all["/api/v2/traces/{id}"] = a.traceByIDV2
		all["/api/metrics/query"] = a.queryInstant
	}
	return all
}

// querierPages are the same paths below /querier.
func (a *App) querierPages() http.Handler {
	mux := http.NewServeMux()
	for path, answer := range a.queries() {
		mux.HandleFunc("GET /querier"+a.config.Prefix+path, func(w http.ResponseWriter, r *http.Request) {
			tenant, err := a.tenant(r.Header.Get("X-Scope-OrgID"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			value, err := answer(r, tenant)
			write(w, value, err)
		})
	}
	return mux
}

// protobuf is a value that is written unchanged.
type protobuf []byte

func write(w http.ResponseWriter, value any, err error) {
	var known refusal
	if errors.As(err, &known) {
		plainly(w, known.status, known.words)
		return
	}
	if err != nil {
		plainly(w, http.StatusInternalServerError, err.Error())
		return
	}
	if raw, ok := value.(protobuf); ok {
		w.Header().Set("Content-Type", "application/protobuf")
		_, _ = w.Write(raw)
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		plainly(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

func plainly(w http.ResponseWriter, status int, words string) {
	if words != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(words))
}

// errNotFound is a missing trace. The text was dropped in 2.5.
var errNotFound = refusal{http.StatusNotFound, "trace not found"}

func (a *App) traceByID(r *http.Request, tenant string) (any, error) {
	trace, err := a.lookup(r, tenant)
	if errors.Is(err, errNotFound) && a.config.Edition.From(2, 5) {
		return nil, refusal{status: http.StatusNotFound}
	}
	if err != nil {
		return nil, err
	}
	if r.Header.Get("Accept") == "application/protobuf" {
		raw, err := spans.Encode(trace)
		return protobuf(raw), err
	}
	return map[string]any{"batches": spans.JSON(trace, a.config.Edition.Before(2, 0))}, nil
}

func (a *App) traceByIDV2(r *http.Request, tenant string) (any, error) {
	trace, err := a.lookup(r, tenant)
	if errors.Is(err, errNotFound) {
		return map[string]any{"trace": map[string]any{}, "metrics": map[string]any{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"trace": map[string]any{"resourceSpans": spans.JSON(trace, false)}, "metrics": map[string]any{}}, nil
}

// lookup combines a trace from the sources that the mode names.
func (a *App) lookup(r *http.Request, tenant string) (ptrace.Traces, error) {
	id, err := spans.ParseID(r.PathValue("id"))
	if err != nil {
		return ptrace.Traces{}, bad(err)
	}
	mode := r.URL.Query().Get("mode")
	if !slices.Contains([]string{"", "all", "ingesters", "blocks", "recent"}, mode) {
		return ptrace.Traces{}, bad(fmt.Errorf("invalid value for mode %s", mode))
	}
	parts, err := a.partsOf(r.Context(), tenant, id, mode)
	if err != nil {
		return ptrace.Traces{}, err
	}
	trace := ptrace.NewTraces()
	for _, part := range parts {
		more, err := spans.Decode(part.Raw)
		if err != nil {
			return trace, err
		}
		spans.Combine(trace, more)
	}
	if trace.SpanCount() == 0 {
		return trace, errNotFound
	}
	return trace, nil
}

func (a *App) partsOf(ctx context.Context, tenant string, id spans.ID, mode string) ([]store.Record, error) {
	var all []store.Record
	if mode != "blocks" {
		recent, err := a.recent(ctx, tenant)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(recent, func(r store.Record) bool { return r.ID != id })
	}
	if mode == "ingesters" || mode == "recent" {
		return all, nil
	}
	stored, err := a.store.Find(ctx, tenant, id)
	return append(all, stored...), err
}
