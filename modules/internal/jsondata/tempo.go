// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import "maps"

// StreamingEnabled is the key of jsonData for results that arrive in parts. Where
// Tempo does not stream, a Grafana that is told to stream finds nothing any more
// (grafana/grafana issue 92179), so it is told to only where Tempo does.
const StreamingEnabled = "streamingEnabled"

// Tempo are the typed settings of a Tempo data source.
type Tempo struct {
	TracesToLogs *struct {
		link
		FilterByTraceID *bool   `json:"filter_by_trace_id"`
		FilterBySpanID  *bool   `json:"filter_by_span_id"`
		Query           *string `json:"query"`
	} `json:"traces_to_logs"`
	TracesToMetrics *struct {
		link
		Queries []any `json:"queries"`
	} `json:"traces_to_metrics"`
	ServiceMap *string `json:"service_map"`
	NodeGraph  *bool   `json:"node_graph"`
	Search     *struct {
		Hide    *bool `json:"hide"`
		Filters []any `json:"filters"`
	} `json:"search"`
	TraceQuery *struct {
		shifts
		Enabled *bool `json:"time_shift_enabled"`
	} `json:"trace_query"`
	SpanBar *struct {
		Type string  `json:"type"`
		Tag  *string `json:"tag"`
	} `json:"span_bar"`
	Streaming *struct {
		Search  *bool `json:"search"`
		Metrics *bool `json:"metrics"`
	} `json:"streaming"`
}

// WantedStreaming is what the task wants to stream; what it switches off is among
// the settings.
func (t *Tempo) WantedStreaming() map[string]any {
	wanted := settings{}
	if t == nil || t.Streaming == nil {
		return wanted
	}
	wanted.set("search", t.Streaming.Search).set("metrics", t.Streaming.Metrics)
	maps.DeleteFunc(wanted, func(_ string, on any) bool { return on == false })
	return wanted
}

type shifts struct {
	Start *string `json:"span_start_shift"`
	End   *string `json:"span_end_shift"`
}

type link struct {
	shifts
	UID  string `json:"datasource_uid"`
	Tags []any  `json:"tags"`
}

// Settings are the same in Grafana's own words (grafana/grafana
// docs/sources/datasources/tempo/configure-tempo-data-source/provision.md and
// public/app/plugins/datasource/tempo/types.ts).
func (t *Tempo) Settings() map[string]any {
	made := settings{}
	if t == nil {
		return made
	}
	made.put("tracesToLogsV2", t.logs())
	made.put("tracesToMetrics", t.metrics())
	if t.ServiceMap != nil {
		made["serviceMap"] = map[string]any{"datasourceUid": *t.ServiceMap}
	}
	if t.NodeGraph != nil {
		made["nodeGraph"] = map[string]any{"enabled": *t.NodeGraph}
	}
	if t.Search != nil {
		made.put("search", settings{}.set("hide", t.Search.Hide).list("filters", t.Search.Filters))
	}
	if t.TraceQuery != nil {
		made.put("traceQuery", t.TraceQuery.into(settings{}.set("timeShiftEnabled", t.TraceQuery.Enabled)))
	}
	if t.SpanBar != nil {
		made.put("spanBar", settings{"type": t.SpanBar.Type}.set("tag", t.SpanBar.Tag))
	}
	if t.Streaming != nil {
		off := settings{}.set("search", t.Streaming.Search).set("metrics", t.Streaming.Metrics)
		maps.DeleteFunc(off, func(_ string, on any) bool { return on == true })
		made.put(StreamingEnabled, off)
	}
	return made
}

func (t *Tempo) logs() settings {
	if t.TracesToLogs == nil {
		return nil
	}
	logs := t.TracesToLogs
	made := logs.link.settings().set("filterByTraceID", logs.FilterByTraceID).set("filterBySpanID", logs.FilterBySpanID)
	if logs.Query != nil {
		made["customQuery"], made["query"] = *logs.Query != "", *logs.Query
	}
	return made
}

func (t *Tempo) metrics() settings {
	if t.TracesToMetrics == nil {
		return nil
	}
	return t.TracesToMetrics.link.settings().list("queries", t.TracesToMetrics.Queries)
}

func (l link) settings() settings {
	return l.into(settings{"datasourceUid": l.UID}.list("tags", tags(l.Tags)))
}

func (s shifts) into(made settings) settings {
	return made.set("spanStartTimeShift", s.Start).set("spanEndTimeShift", s.End)
}

// tags takes a bare name as {key: name}.
func tags(given []any) []any {
	if given == nil {
		return nil
	}
	made := make([]any, len(given))
	for i, tag := range given {
		made[i] = tag
		if name, isText := tag.(string); isText {
			made[i] = map[string]any{"key": name}
		}
	}
	return made
}

// settings is a part of jsonData in the making.
type settings map[string]any

// put adds a part that is not empty.
func (s settings) put(key string, part settings) {
	if len(part) > 0 {
		s[key] = map[string]any(part)
	}
}

// set adds what a pointer points to, unless it is nil.
func (s settings) set(key string, value any) settings {
	switch v := value.(type) {
	case *bool:
		if v != nil {
			s[key] = *v
		}
	case *string:
		if v != nil {
			s[key] = *v
		}
	}
	return s
}

func (s settings) list(key string, value []any) settings {
	if value != nil {
		s[key] = value
	}
	return s
}
