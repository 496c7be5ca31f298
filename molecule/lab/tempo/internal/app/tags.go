// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// tagsIn are the tags of a trace that Tempo searched before TraceQL, each with its values.
func tagsIn(summary spans.Summary, traces ptrace.Traces) map[string][]string {
	all := map[string][]string{"root.name": {summary.Name}, "root.service.name": {summary.Service}}
	add := func(_ string, from pcommon.Map) {
		for key, value := range from.All() {
			all[key] = append(all[key], value.AsString())
		}
	}
	spans.Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		add("resource", resource.Resource().Attributes())
		add("span", span.Attributes())
		all["name"] = append(all["name"], span.Name())
		all["status.code"] = append(all["status.code"], strings.ToLower(span.Status().Code().String()))
		if span.Status().Code() == ptrace.StatusCodeError {
			all["error"] = append(all["error"], "true")
		}
	})
	return all
}

// names are the attributes of a tenant's traces by scope, each with its values.
func (a *App) names(r *http.Request, tenant string) (map[string]map[string][]string, error) {
	start, end, err := period(r.URL.Query(), a.config.Edition)
	if err != nil {
		return nil, bad(err)
	}
	records, err := a.candidates(r.Context(), tenant, asked{start: start, end: end})
	if err != nil {
		return nil, err
	}
	all := map[string]map[string][]string{"resource": {}, "span": {}, "old": {}}
	add := func(scope, key, value string) {
		if !slices.Contains(all[scope][key], value) {
			all[scope][key] = append(all[scope][key], value)
		}
	}
	for _, record := range records {
		traces, err := spans.Decode(record.Raw)
		if err != nil {
			return nil, err
		}
		summary := spans.Summarize(record.ID, traces)
		if !a.inTime(summary, asked{start: start, end: end}) {
			continue
		}
		for key, values := range tagsIn(summary, traces) {
			for _, value := range values {
				add("old", key, value)
			}
		}
		spans.Each(traces, func(resource ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
			for key, value := range resource.Resource().Attributes().All() {
				add("resource", key, value.AsString())
			}
			for key, value := range span.Attributes().All() {
				add("span", key, value.AsString())
			}
		})
	}
	return all, nil
}

func (a *App) tags(r *http.Request, tenant string) (any, error) {
	all, err := a.names(r, tenant)
	if err != nil {
		return nil, err
	}
	if a.config.Edition.Before(2, 0) {
		return map[string]any{"tagNames": slices.Sorted(maps.Keys(all["old"]))}, nil
	}
	both := slices.Concat(slices.Collect(maps.Keys(all["resource"])), slices.Collect(maps.Keys(all["span"])))
	slices.Sort(both)
	return map[string]any{"tagNames": append([]string{}, slices.Compact(both)...), "metrics": map[string]any{}}, nil
}

func (a *App) tagValues(r *http.Request, tenant string) (any, error) {
	all, err := a.names(r, tenant)
	if err != nil {
		return nil, err
	}
	values := append([]string{}, all["old"][r.PathValue("tag")]...)
	slices.Sort(values)
	return map[string]any{"tagValues": values}, nil
}

// intrinsics are what version 2 of the tags lists besides attributes (grafana/tempo, docs, API: Search tags V2).
var intrinsics = []string{"duration", "event:name", "event:timeSinceStart", "instrumentation:name", "instrumentation:version", "kind", "link:spanID",
	"link:traceID", "name", "rootName", "rootServiceName", "span:duration", "span:id", "span:kind", "span:name", "span:parentID", "span:status",
	"span:statusMessage", "status", "statusMessage", "trace:duration", "trace:id", "trace:rootName", "trace:rootService", "traceDuration"}

func (a *App) tagsV2(r *http.Request, tenant string) (any, error) {
	all, err := a.names(r, tenant)
	if err != nil {
		return nil, err
	}
	wanted := r.URL.Query().Get("scope")
	scopes := []any{}
	if wanted == "" || wanted == "intrinsic" {
		scopes = append(scopes, map[string]any{"name": "intrinsic", "tags": intrinsics})
	}
	for _, scope := range []string{"resource", "span"} {
		if len(all[scope]) > 0 && (wanted == "" || wanted == scope) {
			scopes = append(scopes, map[string]any{"name": scope, "tags": slices.Sorted(maps.Keys(all[scope]))})
		}
	}
	return map[string]any{"scopes": scopes, "metrics": map[string]any{}}, nil
}

func (a *App) tagValuesV2(r *http.Request, tenant string) (any, error) {
	all, err := a.names(r, tenant)
	if err != nil {
		return nil, err
	}
	name, values := r.PathValue("tag"), []string(nil)
	switch {
	case strings.HasPrefix(name, "resource."):
		values = all["resource"][strings.TrimPrefix(name, "resource.")]
	case strings.HasPrefix(name, "span."):
		values = all["span"][strings.TrimPrefix(name, "span.")]
	case strings.HasPrefix(name, "."):
		values = slices.Concat(all["resource"][name[1:]], all["span"][name[1:]])
	default:
		values = all["old"][name]
	}
	slices.Sort(values)
	typed := []any{}
	for _, value := range slices.Compact(values) {
		typed = append(typed, map[string]any{"type": "string", "value": value})
	}
	return map[string]any{"tagValues": typed, "metrics": map[string]any{}}, nil
}
