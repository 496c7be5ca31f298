// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// fields are the user's own wishes for the fields of the access log that are
// not headers.
type fields struct {
	// chosen is whether only named fields are written.
	chosen bool
	// traceID is the field with the trace ID as the user spells it, since Traefik
	// v3 does not tell cases apart; mode is what is said of it, or "".
	traceID, mode string
}

// fieldsOf reads them from the values and arguments that stand without this
// module.
func (t target) fieldsOf(base layers) fields {
	merged, flags := helm.Merge(base.lower, base.own), effective(texts(base.arguments()))
	mode := text(merged, t.fieldPath(t.chart.DefaultMode)...)
	if given, there := flags["accesslog.fields.defaultmode"]; there {
		mode = given
	}
	own := fields{chosen: mode == "drop", traceID: t.version.TraceIDField}
	names, _ := overlay.Get(merged, t.fieldPath("names")...)
	named, _ := names.(map[string]any)
	for name, value := range named {
		if strings.EqualFold(name, own.traceID) {
			own.traceID = name
			own.mode, _ = value.(string)
		}
	}
	if given, there := flags["accesslog.fields.names."+strings.ToLower(own.traceID)]; there {
		own.mode = given
	}
	return own
}

func (t target) fieldPath(keys ...string) []string {
	return slices.Concat(t.chart.AccessLog, t.chart.FieldModes, keys)
}

// fieldSettings keep the field with the trace ID: with all others, or by its name
// where the user has chosen which fields are written. Traefik v2 has the ID in a
// header, for which fields do not count (traefik/traefik,
// pkg/middlewares/accesslog/logger.go, redactHeaders).
func (t target) fieldSettings() []setting {
	var all []setting
	if !t.fields.chosen {
		all = append(all, setting{"accesslog.fields.defaultMode", "keep", t.fieldPath(t.chart.DefaultMode)})
	}
	if t.version.Export == compat.OTLP && t.fields.traceID != "" && (t.fields.chosen || t.fields.mode != "") {
		all = append(all, setting{"accesslog.fields.names." + t.fields.traceID, "keep", t.fieldPath("names", t.fields.traceID)})
	}
	return all
}
