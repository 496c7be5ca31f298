// SPDX-License-Identifier: AGPL-3.0-or-later

package accesslog

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/loglink"
)

// Miss is why a request's trace ID is not in Loki.
type Miss string

// Without a line of the request.
const (
	NoLine    Miss = "no line"
	LogIsOff  Miss = "no access log"
	OnlyOTLP  Miss = "by OTLP alone"
	ToFile    Miss = "into a file"
	LokiEmpty Miss = "no line of anybody"
	NoShipper Miss = "no line of Traefik"
	Filtered  Miss = "no line, some are left out"
)

// With a line that has no trace ID.
const (
	NoID         Miss = "a line without the id"
	NoIDYet      Miss = "a version without the id"
	IDDropped    Miss = "the field is dropped"
	NoIDInCommon Miss = "the format common"
	NotSampled   Miss = "without id and span"
)

// WhyNoID is why a line of the request has no trace ID. Traced is whether Traefik
// sent a span of it.
func (s Settings) WhyNoID(version, line string, traced bool) Miss {
	switch {
	case LogsNoID(version):
		return NoIDYet
	case s.Drops():
		return IDDropped
	case Common(line):
		return NoIDInCommon
	case !traced:
		return NotSampled
	}
	return NoID
}

// WhyNoLine is why there is no line of the request, and what a search saw in its
// place; nil is no search.
func (s Settings) WhyNoLine(seen *loglink.Found) (why Miss, words string) {
	switch {
	case s.Off():
		return LogIsOff, ""
	case s.OTLPOnly():
		return OnlyOTLP, ""
	case s.File() != "" && !s.Sidecars:
		return ToFile, "; Traefik writes it to the file " + s.File()
	case seen == nil:
		return NoLine, ""
	case seen.Streams == 0:
		return LokiEmpty, "; Loki has no line at all of the last minutes"
	case len(seen.Ours) == 0:
		return NoShipper, fmt.Sprintf("; none of the %d streams of the last minutes speaks of Traefik", seen.Streams)
	case s.Filtered():
		return Filtered, ""
	}
	return NoLine, "; Traefik's lines are at " + strings.Join(seen.Ours, ", ")
}
