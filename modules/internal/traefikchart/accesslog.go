// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// What Traefik does with a field or header of the access log.
const (
	keep   = "keep"
	drop   = "drop"
	redact = "redact"
)

// fieldModes is what a user does with the fields of the access log, or with its
// headers.
type fieldModes struct {
	// standard is what is done with those that are not named, "" where nothing is
	// said.
	standard string
	// name is the one with the trace ID as the user spells it, since Traefik does
	// ignores case; mode is what is said of it, or "".
	name, mode string
}

// userFields is what the user does with the fields that are not headers, as it is
// in values and arguments without this module.
func (t Target) userFields(base Layers) fieldModes {
	return t.modes(base, "accesslog.fields", t.fieldPath(), t.Version.TraceIDField)
}

// userHeaders is what the user does with the headers.
func (t Target) userHeaders(base Layers) fieldModes {
	return t.modes(base, "accesslog.fields.headers", t.headerPath(), t.TraceHeader)
}

func (t Target) modes(base Layers, flag string, path []string, name string) fieldModes {
	merged, flags := helm.Merge(base.Lower, base.Own), Flags(texts(base.arguments()))
	own := fieldModes{standard: overlay.Text(merged, slices.Concat(path, []string{t.Chart.DefaultMode})...), name: name}
	if given, found := flags[flag+".defaultmode"]; found {
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
	if given, found := flags[flag+".names."+strings.ToLower(name)]; found {
		own.mode = given
	}
	return own
}

func (t Target) fieldPath(keys ...string) []string {
	return slices.Concat(t.Chart.AccessLog, t.Chart.FieldModes, keys)
}

func (t Target) headerPath(keys ...string) []string {
	return slices.Concat(t.Chart.AccessLog, []string{"fields", "headers"}, keys)
}

// fieldSettings keep the field with the trace ID: with all others, or by its name
// where the user has chosen which fields are written. Traefik v2 has the ID in a
// header, for which fields do not count (traefik/traefik,
// pkg/middlewares/accesslog/logger.go, redactHeaders).
func (t Target) fieldSettings() []setting {
	var all []setting
	own := t.fields
	chosen := own.standard == drop || own.standard == redact
	if !chosen {
		all = append(all, setting{"accesslog.fields.defaultmode", keep, t.fieldPath(t.Chart.DefaultMode)})
	}
	if t.Version.Export == compat.OTLP && own.name != "" && (chosen || own.mode != "") {
		all = append(all, setting{"accesslog.fields.names." + own.name, keep, t.fieldPath("names", own.name)})
	}
	return all
}

// headerSettings keep the header with the trace ID. A user who keeps or redacts
// the others goes on doing so; where all are kept, it is among them unless it is
// named.
func (t Target) headerSettings() []setting {
	var all []setting
	own := t.headers
	if own.standard != keep && own.standard != redact {
		all = append(all, setting{"accesslog.fields.headers.defaultmode", drop, t.headerPath(t.Chart.DefaultMode)})
	}
	if own.standard != keep || own.mode != "" {
		all = append(all, setting{"accesslog.fields.headers.names." + own.name, keep, t.headerPath("names", own.name)})
	}
	return all
}

// observability is a flag that switches spans or log lines of one entry point
// (traefik/traefik, pkg/config/static/entrypoints.go, ObservabilityConfig).
var observability = lazyregexp.Regexp{Expr: `(?i)^--?entrypoints\.([^.=]+)\.observability\.(tracing|accesslogs)=(.*)$`}

// Unobserved lists what Traefik's arguments leave without spans or without lines
// in the log of its pods. Sidecars are beside it in its pods: one of them may show
// a file of lines.
func (t Target) Unobserved(args []string, sidecars bool) []string {
	var all []string
	for i, arg := range args {
		match := observability.Get().FindStringSubmatch(arg)
		if match == nil || !isFalse(match[3]) || repeated(args[i+1:], arg) {
			continue
		}
		switch {
		case strings.EqualFold(match[2], "tracing"):
			all = append(all, fmt.Sprintf("entry point %s opens no spans (%s)", match[1], arg))
		case t.AccessLog:
			all = append(all, fmt.Sprintf("entry point %s writes no access log (%s)", match[1], arg))
		}
	}
	if t.AccessLog {
		all = append(all, t.missingLines(Flags(args), sidecars)...)
	}
	return all
}

// missingLines lists what keeps lines of the access log from where they should go
// (traefik/traefik, pkg/middlewares/accesslog/logger.go).
func (t Target) missingLines(flags map[string]string, sidecars bool) []string {
	var all []string
	if t.LogOutput != compat.TraefikLogsOTLP {
		all = missingInPods(flags, sidecars)
	}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if filter, ok := strings.CutPrefix(flag, "accesslog.filters."); ok && !isFalse(flags[flag]) {
			all = append(all, "the access log has only some of the requests (--accesslog.filters."+filter+"="+flags[flag]+")")
		}
	}
	return all
}

// missingInPods lists what keeps all lines from the log of Traefik's pods.
func missingInPods(flags map[string]string, sidecars bool) []string {
	var all []string
	if onlyOTLP(flags) {
		all = append(all, "the lines of the access log do not reach the log of Traefik's pods (--accesslog.otlp without --accesslog.dualOutput=true)")
	}
	if path := LogFile(flags); path != "" && !sidecars {
		all = append(all, "the lines of the access log go to a file, and not to the log of Traefik's pods (--accesslog.filepath="+path+")")
	}
	return all
}

// outputs are the paths by which a process names its own output.
var outputs = lazyregexp.Regexp{Expr: `^/(dev/std(out|err)|(dev|proc/(self|1))/fd/[12])$`}

// LogFile is the path of the file that the access log goes to, "" for the output of
// Traefik's container.
func LogFile(flags map[string]string) string {
	path := flags["accesslog.filepath"]
	if outputs.Get().MatchString(path) {
		return ""
	}
	return path
}

func isFalse(value string) bool {
	truth, err := strconv.ParseBool(value)
	return err == nil && !truth
}

// repeated reports whether a flag occurs again later, where it wins.
func repeated(args []string, arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return slices.ContainsFunc(args, func(later string) bool {
		other, _, _ := strings.Cut(later, "=")
		return strings.EqualFold(strings.TrimLeft(other, "-"), strings.TrimLeft(name, "-"))
	})
}

// onlyOTLP reports whether the access log goes out by OTLP alone
// (traefik/traefik, pkg/middlewares/accesslog/logger.go, dualOutput since 3.7).
func onlyOTLP(flags map[string]string) bool {
	return exportsLogs(flags) && !isTrue(flags[dualOutput])
}

func isTrue(value string) bool {
	truth, err := strconv.ParseBool(value)
	return err == nil && truth
}
