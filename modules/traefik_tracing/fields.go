// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// What Traefik does with a field or header of the access log.
const (
	keep   = "keep"
	drop   = "drop"
	redact = "redact"
)

// chosen are a user's own wishes for the fields of the access log, or for its
// headers.
type chosen struct {
	// standard is what is done with those that are not named, "" where nothing is
	// said.
	standard string
	// name is the one with the trace ID as the user spells it, since Traefik does
	// not tell cases apart; mode is what is said of it, or "".
	name, mode string
}

// chosenFields are the wishes for the fields that are not headers, as they stand
// in values and arguments without this module.
func (t target) chosenFields(base layers) chosen {
	return t.choice(base, "accesslog.fields", t.fieldPath(), t.version.TraceIDField)
}

// chosenHeaders are the wishes for the headers.
func (t target) chosenHeaders(base layers) chosen {
	return t.choice(base, "accesslog.fields.headers", t.headerPath(), t.TraceHeader)
}

func (t target) choice(base layers, flag string, path []string, name string) chosen {
	merged, flags := helm.Merge(base.lower, base.own), effective(texts(base.arguments()))
	own := chosen{standard: text(merged, slices.Concat(path, []string{t.chart.DefaultMode})...), name: name}
	if given, there := flags[flag+".defaultmode"]; there {
		own.standard = given
	}
	names, _ := overlay.Get(merged, slices.Concat(path, []string{"names"})...)
	named, _ := names.(map[string]any)
	for spelled, value := range named {
		if strings.EqualFold(spelled, name) {
			own.name = spelled
			own.mode, _ = value.(string)
		}
	}
	if given, there := flags[flag+".names."+strings.ToLower(name)]; there {
		own.mode = given
	}
	return own
}

func (t target) fieldPath(keys ...string) []string {
	return slices.Concat(t.chart.AccessLog, t.chart.FieldModes, keys)
}

func (t target) headerPath(keys ...string) []string {
	return slices.Concat(t.chart.AccessLog, []string{"fields", "headers"}, keys)
}

// fieldSettings keep the field with the trace ID: with all others, or by its name
// where the user has chosen which fields are written. Traefik v2 has the ID in a
// header, for which fields do not count (traefik/traefik,
// pkg/middlewares/accesslog/logger.go, redactHeaders).
func (t target) fieldSettings() []setting {
	var all []setting
	own := t.fields
	chose := own.standard == drop || own.standard == redact
	if !chose {
		all = append(all, setting{"accesslog.fields.defaultmode", keep, t.fieldPath(t.chart.DefaultMode)})
	}
	if t.version.Export == compat.OTLP && own.name != "" && (chose || own.mode != "") {
		all = append(all, setting{"accesslog.fields.names." + own.name, keep, t.fieldPath("names", own.name)})
	}
	return all
}

// headerSettings keep the header with the trace ID. A user who keeps or redacts
// the others goes on doing so; where all are kept, it is among them unless it is
// named.
func (t target) headerSettings() []setting {
	var all []setting
	own := t.headers
	if own.standard != keep && own.standard != redact {
		all = append(all, setting{"accesslog.fields.headers.defaultmode", drop, t.headerPath(t.chart.DefaultMode)})
	}
	if own.standard != keep || own.mode != "" {
		all = append(all, setting{"accesslog.fields.headers.names." + own.name, keep, t.headerPath("names", own.name)})
	}
	return all
}
