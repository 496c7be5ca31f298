// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// TraefikVersion says what a range of Traefik versions does.
type TraefikVersion struct {
	// From is the first version of the range.
	From string
	// Export is how spans leave.
	Export TraefikExport
	// TraceIDField is the field of a JSON access-log line that holds the trace ID,
	// "" where no field does.
	TraceIDField string
	// Attributes is the flag below --tracing. for resource attributes, or "".
	Attributes string
	// OTLPLogs is true if the access log can be sent by OTLP, DualOutput if it can then
	// be written to the output, too.
	OTLPLogs, DualOutput bool
	// Source is where this was read.
	Source string
}

// traefikVersions are the ranges, oldest first. All sources are files or
// commits of traefik/traefik.
var traefikVersions = []TraefikVersion{
	{From: "2.0.0", Export: Zipkin, TraceIDField: "request_X-B3-Traceid",
		Source: "pkg/middlewares/tracing/forwarder.go@v2.9.4 writes the header into the request that the access log keeps"},
	{From: "3.0.0", Export: OTLP, Attributes: "globalAttributes",
		Source: "pkg/proxy/httputil/observability.go@v3.0.0: the header goes into a clone of the request only"},
	{From: "3.2.0", Export: OTLP, TraceIDField: "TraceId", Attributes: "globalAttributes",
		Source: "e8335a94a4, first tag v3.2.0"},
	{From: "3.3.0", Export: OTLP, Attributes: "resourceAttributes", OTLPLogs: true,
		Source: "traefik/traefik issue 11449: the field is lost in v3.3.0 to v3.3.2; pull request 11319: access logs by OTLP"},
	{From: "3.3.3", Export: OTLP, TraceIDField: "TraceId", Attributes: "resourceAttributes", OTLPLogs: true,
		Source: "4ce4bd7121, first tag v3.3.3"},
	{From: "3.6.11", Export: OTLP, TraceIDField: "trace_id", Attributes: "resourceAttributes", OTLPLogs: true,
		Source: "d7cc334238: OpenTelemetry names, TraceId is deprecated"},
	{From: "3.7.0", Export: OTLP, TraceIDField: "trace_id", Attributes: "resourceAttributes", OTLPLogs: true, DualOutput: true,
		Source: "pkg/observability/types/logs.go@v3.7.0, AccessLog.DualOutput (pull request 12307)"},
}

// tag finds a version in an image tag: v3.6.13, 3.6.13, v3.6,
// experimental-v3.0, v3.3.6@sha256:....
var tag = lazyregexp.Regexp{Expr: `(?:^|-)v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.]+)?(?:@|$)`}

// TraefikRelease reads the version out of an image tag. A tag such as v3.3 moves
// with each patch release, so it counts as the newest patch; floating says so.
// Known is false for a tag without a version, such as latest.
func TraefikRelease(imageTag string) (version string, floating, known bool) {
	match := tag.Get().FindStringSubmatch(imageTag)
	if match == nil {
		return "", false, false
	}
	parts := match[1:4]
	for i, part := range parts {
		if part == "" {
			floating = true
			parts[i] = "999"
		}
	}
	return strings.Join(parts, ".") + match[4], floating, true
}

// TraefikFor returns what a Traefik version does.
func TraefikFor(version string) (TraefikVersion, error) {
	parsed, err := semver.NewVersion(version)
	if err != nil {
		return TraefikVersion{}, fmt.Errorf("read Traefik version %q: %w", version, err)
	}
	for i := len(traefikVersions) - 1; i >= 0; i-- {
		if !parsed.LessThan(semver.MustParse(traefikVersions[i].From)) {
			return traefikVersions[i], nil
		}
	}
	return TraefikVersion{}, fmt.Errorf("Traefik %s is older than %s, the first one that is known here", version, traefikVersions[0].From)
}

// TraefikNextWithTraceID returns the first version after the given one that
// writes the trace ID into its access log, "" where that one does.
func TraefikNextWithTraceID(version string) string {
	if own, err := TraefikFor(version); err == nil && own.TraceIDField != "" {
		return ""
	}
	parsed, err := semver.NewVersion(version)
	if err != nil {
		return ""
	}
	for _, row := range traefikVersions {
		if row.TraceIDField != "" && parsed.LessThan(semver.MustParse(row.From)) {
			return row.From
		}
	}
	return ""
}
