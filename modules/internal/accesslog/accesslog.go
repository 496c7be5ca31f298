// SPDX-License-Identifier: AGPL-3.0-or-later

// Package accesslog explains, from Traefik's arguments and log lines, why an access
// log does not lead to a trace.
package accesslog

import (
	"strconv"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// Settings are what Traefik's arguments say of its access log. The zero value says
// nothing.
type Settings struct {
	// Sidecars is whether other containers are beside Traefik's, one of which may print
	// the file that the access log goes to.
	Sidecars bool

	flags map[string]string
}

// Read reads the arguments of Traefik's container. Names are compared in small
// letters, as Traefik does (traefik/paerser).
func Read(args []string) Settings { return Settings{flags: traefikchart.Flags(args)} }

// any reports whether there is a flag of that name, or below it, that is not off.
func (s Settings) any(name string) bool {
	for flag, value := range s.flags {
		if (flag == name || strings.HasPrefix(flag, name+".")) && !strings.EqualFold(value, "false") {
			return true
		}
	}
	return false
}

// Known reports whether the arguments could be read.
func (s Settings) Known() bool { return len(s.flags) > 0 }

// Off reports that no access log is written at all.
func (s Settings) Off() bool { return s.Known() && !s.any("accesslog") }

// OTLPOnly reports that the access log leaves by OTLP alone: it silences the output
// unless dualOutput is set, which Traefik has from 3.7 on
// (doc.traefik.io, logs-and-accesslogs).
func (s Settings) OTLPOnly() bool {
	dual, _ := strconv.ParseBool(s.flags["accesslog.dualoutput"])
	off := strings.EqualFold(s.flags["accesslog.otlp"], "false")
	return s.any("accesslog.otlp") && !off && !dual
}

// File is the path of the file that the access log goes to, "" for Traefik's output.
func (s Settings) File() string { return traefikchart.LogFile(s.flags) }

// Drops reports that the field with the trace ID is left out.
func (s Settings) Drops() bool {
	for _, name := range []string{"accesslog.fields.names.traceid", "accesslog.fields.names.trace_id"} {
		if mode := s.flags[name]; mode != "" {
			return strings.EqualFold(mode, "drop")
		}
	}
	return strings.EqualFold(s.flags["accesslog.fields.defaultmode"], "drop")
}

// Filtered reports that only some requests are logged.
func (s Settings) Filtered() bool { return s.any("accesslog.filters") }

// Sampled is the part of the requests that are traced, "" for all.
func (s Settings) Sampled() string {
	rate := s.flags["tracing.samplerate"]
	if number, err := strconv.ParseFloat(rate, 64); err != nil || number >= 1 {
		return ""
	}
	return rate
}

// commonFormat is a line of the formats common and genericCLF.
var commonFormat = lazyregexp.Regexp{Expr: `^\S+ \S+ \S+ \[[^\]]+\] "[A-Z]+ `}

// Common reports a line of the format that has no field for a trace ID.
func Common(line string) bool { return commonFormat.Get().MatchString(line) }

// LogsNoID reports a version of Traefik, or an image's tag, whose access log has no
// trace ID.
func LogsNoID(version string) bool {
	release, _, known := compat.TraefikRelease(version)
	if !known {
		return false
	}
	row, err := compat.TraefikFor(release)
	return err == nil && row.TraceIDField == ""
}
