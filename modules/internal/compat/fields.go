// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"maps"
	"slices"
)

// fields are the keys at the top of Tempo's configuration. Tempo reads it
// strictly: with one that it does not know it does not start ("field compactor
// not found in type app.Config", cmd/tempo/main.go). All sources are
// grafana/tempo cmd/tempo/app/config.go at the tags of the span.
var fields = map[string]Span{
	"auth_enabled":                   {},
	"autocomplete_filtering_enabled": {From: "2.2.0", Before: "2.6.0"},
	"backend_scheduler":              {From: "2.8.0"},
	"backend_scheduler_client":       {From: "2.8.0"},
	"backend_worker":                 {From: "2.8.0"},
	"block_builder":                  {From: "2.8.0"},
	"cache":                          {From: "2.4.0"},
	"compactor":                      {Before: "3.0.0"},
	"distributor":                    {},
	"enable_go_runtime_metrics":      {From: "2.1.0"},
	"http_api_prefix":                {},
	"ingest":                         {From: "2.8.0"},
	"ingester":                       {Before: "3.0.0"},
	"ingester_client":                {Before: "3.0.0"},
	"internal_server":                {From: "2.1.0"},
	"live_store":                     {From: "2.9.0"},
	"live_store_client":              {From: "2.9.0"},
	"memberlist":                     {},
	"memory":                         {From: "3.0.0"},
	"metrics_generator":              {},
	"metrics_generator_client":       {},
	"metrics_generator_enabled":      {Before: "2.0.0"},
	"multitenancy_enabled":           {},
	"overrides":                      {},
	"partition_ring_live_store":      {From: "2.9.0", Before: "3.0.0"},
	"querier":                        {},
	"query_frontend":                 {},
	"search_enabled":                 {Before: "2.0.0"},
	"server":                         {},
	"shutdown_delay":                 {From: "2.4.0"},
	"span_profiling":                 {From: "3.0.0"},
	"storage":                        {},
	"stream_over_http_enabled":       {From: "2.2.0"},
	"target":                         {},
	"usage_report":                   {},
	"use_otel_tracer":                {Before: "2.7.0"},
}

// scopedOverrides are the keys below overrides that are no limits themselves, in
// the Tempo that has all limits below defaults.
var scopedOverrides = []string{"defaults", "enable_legacy_overrides", "per_tenant_override_config", "per_tenant_override_period", "user_configurable_overrides"}

// fieldsKnownFrom is the oldest Tempo that was examined, and fieldsKnownBefore the
// first that was not: nothing is said about others.
const fieldsKnownFrom, fieldsKnownBefore = "1.5.0", "3.2.0"

// UnknownFields are the keys at the top of a configuration with which a Tempo
// does not start, sorted.
func UnknownFields(config map[string]any, tempo string) (unknown []string) {
	if !(Span{From: fieldsKnownFrom, Before: fieldsKnownBefore}).Holds(tempo) {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if span, ok := fields[name]; !ok || !span.Holds(tempo) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// FieldSpan returns the versions of Tempo that know a key at the top of their
// configuration, and whether any does.
func FieldSpan(name string) (span Span, ok bool) {
	span, ok = fields[name]
	return span, ok
}

// FlatOverrides are limits that are below overrides without their scope, which a
// Tempo does not start with unless enable_legacy_overrides is set, sorted.
func FlatOverrides(overrides map[string]any, tempo string) (flat []string) {
	if !TempoHas(Tempo, ScopedOverrides, tempo) || overrides["enable_legacy_overrides"] == true {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		if !slices.Contains(scopedOverrides, name) {
			flat = append(flat, name)
		}
	}
	return flat
}
