// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import "slices"

// TraefikRefused is a part of the chart's values that one of its generations
// reads and a later one refuses by its schema, so that an upgrade which keeps the
// values stops at it.
type TraefikRefused struct {
	Path []string
	// Ignored is the first chart that no longer reads it and has no schema to refuse
	// it by, so that the upgrade succeeds without these settings; "" where the first
	// chart that no longer reads it refuses it.
	Ignored string
	// From is the first chart that refuses it.
	From string
	// Flags is whether the Traefik of those charts still takes what is set so as
	// flags of its command line.
	Flags bool
	// Source is where this was read.
	Source string
}

// traefikRefused are those that hold settings of tracing and access log. All
// sources are files of traefik/traefik-helm-chart at the tag of From, unless they
// name another.
var traefikRefused = []TraefikRefused{
	{Path: []string{"tracing", "zipkin"}, Ignored: TraefikWithoutZipkin, From: "31.1.0",
		Source: "traefik/values.schema.json, the first one: tracing takes no further keys; Traefik v3 does not start with --tracing.zipkin. " +
			"v28.0.0 to v31.0.0 have no schema, and their templates do not mention zipkin"},
	{Path: []string{"tracing", "globalAttributes"}, From: "34.0.0", Flags: true,
		Source: "traefik/values.schema.json: tracing.resourceAttributes in its place; Traefik calls the old flag deprecated"},
	{Path: []string{"logs"}, From: "41.0.0", Flags: true,
		Source: "traefik/values.schema.json: log and accessLog in its place; the flags are the same"},
}

// TraefikWithoutZipkin is the first chart with a Traefik that does not start with flags
// of Zipkin (traefik/traefik-helm-chart, traefik/Chart.yaml at v28.0.0: Traefik v3.0.0).
const TraefikWithoutZipkin = "28.0.0"

// TraefikRefusedLater returns the row for values at a path that a chart reads
// today.
func TraefikRefusedLater(path []string) (TraefikRefused, bool) {
	for _, row := range traefikRefused {
		if len(path) >= len(row.Path) && slices.Equal(path[:len(row.Path)], row.Path) {
			return row, true
		}
	}
	return TraefikRefused{}, false
}
