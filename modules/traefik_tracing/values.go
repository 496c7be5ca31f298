// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

var (
	argumentsPath   = []string{"additionalArguments"}
	environmentPath = []string{"env"}
	imagePath       = []string{"image", "tag"}
)

// layers are the values of a Traefik without what this module has set: own can
// be changed and is text as YAML, lower stands below it.
type layers struct {
	text       string
	own, lower map[string]any
}

// base are the layers of the values that were found.
func (s Status) base() (layers, error) {
	current, err := s.values()
	if err != nil {
		return layers{}, err
	}
	text, own, err := s.Record.Before(s.Text, current)
	if err != nil {
		return layers{}, fault.As(fault.Internal, "", "read the earlier values of "+s.String(), err)
	}
	return layers{text, own, s.Lower}, nil
}

// arguments are the additionalArguments in force.
func (l layers) arguments() []any { return l.list(argumentsPath[0]) }

// list is the list in force: one of the user's replaces the one below whole.
func (l layers) list(key string) []any {
	for _, values := range []map[string]any{l.own, l.lower} {
		if list, isList := values[key].([]any); isList {
			return list
		}
	}
	return nil
}

// entries are the values that bring the settings to Traefik.
func (t target) entries() []overlay.Entry {
	base := t.base
	var values, arguments []overlay.Entry
	for _, setting := range t.settings() {
		avoided := t.avoids(setting)
		if setting.path != nil && !avoided {
			values = append(values, overlay.Entry{Path: setting.path, Value: setting.value})
		}
		if avoided && !t.setByUser(setting) || setting.asArgument(t.chart, base) {
			arguments = append(arguments, overlay.Entry{Path: argumentsPath, Item: strings.ToLower(setting.flag), Value: setting.argument()})
		}
	}
	if t.ImageTag != "" {
		values = append(values, overlay.Entry{Path: imagePath, Value: t.ImageTag})
	}
	obsolete, flags := t.obsolete(base)
	arguments = append(arguments, flags...)
	removed, flags := t.removeBackendSettings()
	obsolete, arguments = append(obsolete, removed...), append(arguments, flags...)
	return slices.Concat(obsolete, values, inherited(base, argumentsPath, nil, arguments), t.environment(base))
}

// asArgument reports whether a setting has to stand in additionalArguments:
// where the chart has no values for it, where its template drops an empty one,
// and where an argument of the user's says otherwise, since arguments come last.
func (s setting) asArgument(chart compat.TraefikChart, base layers) bool {
	if s.path == nil && !s.implied(chart) {
		return true
	}
	if s.value == 0.0 || s.value == false && s.flag == "tracing.zipkin.id128Bit" {
		return true
	}
	given, there := flagsOf(texts(base.arguments()))[strings.ToLower(s.flag)]
	return there && !same(given, s.value)
}

// avoids reports whether a setting of a Helm release stands among the arguments
// although its chart has values for it, since a later chart refuses these: the
// next upgrade with the same values would stop.
func (t target) avoids(s setting) bool {
	if !t.released || s.path == nil {
		return false
	}
	refused, later := compat.TraefikRefusedLater(s.path)
	return later && refused.Flags
}

// setByUser reports whether the user's own values bring a setting about already. The
// chart reads those of the access log only where it is enabled.
func (t target) setByUser(s setting) bool {
	merged := helm.Merge(t.base.lower, t.base.own)
	if len(t.chart.AccessLog) < len(s.path) && slices.Equal(s.path[:len(t.chart.AccessLog)], t.chart.AccessLog) {
		if on, _ := overlay.Get(merged, slices.Concat(t.chart.AccessLog, []string{"enabled"})...); on != true {
			return false
		}
	}
	value, there := overlay.Get(merged, s.path...)
	return there && overlay.Equal(value, s.value)
}

// implied reports whether the chart adds the flag by itself as soon as there are
// values below it.
func (s setting) implied(chart compat.TraefikChart) bool {
	return s.flag == "tracing.zipkin" && chart.Tracing == compat.Zipkin
}

// environment keeps the list of variables that stands below in force, since a
// list of the user's replaces it: charts 23.2 to 32 would lose POD_NAME.
func (t target) environment(base layers) []overlay.Entry {
	var entries []overlay.Entry
	variables := t.variables()
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		entries = append(entries, overlay.Entry{Path: environmentPath, Item: name,
			Value: map[string]any{"name": name, "value": variables[name]}})
	}
	return inherited(base, environmentPath, podVariables(t.chart), entries)
}

// inherited puts the list that stands below in front of entries that would
// replace it.
func inherited(base layers, path []string, chart []any, entries []overlay.Entry) []overlay.Entry {
	below := chart
	if list, isList := base.lower[path[0]].([]any); isList {
		below = list
	}
	if base.own[path[0]] != nil || len(below) == 0 || len(entries) == 0 {
		return entries
	}
	return append([]overlay.Entry{{Path: path, Value: below, Default: true}}, entries...)
}

func podVariables(chart compat.TraefikChart) []any {
	var list []any
	for _, variable := range chart.Environment {
		list = append(list, map[string]any{"name": variable.Name,
			"valueFrom": map[string]any{"fieldRef": map[string]any{"fieldPath": variable.Field}}})
	}
	return list
}

// obsolete asks for the removal of what this Traefik refuses or what would win
// over the settings: Zipkin in v3, and gRPC beside HTTP, which wins
// (traefik/traefik, pkg/observability/types/tracing.go, Setup).
func (t target) obsolete(base layers) (values, flags []overlay.Entry) {
	if t.version.Export != compat.OTLP {
		return nil, nil
	}
	gone := []string{"tracing.zipkin"}
	values = append(values, overlay.Entry{Path: []string{"tracing", "zipkin"}, Remove: true})
	if !t.grpc() {
		gone = append(gone, "tracing.otlp.grpc")
		values = append(values, overlay.Entry{Path: []string{"tracing", "otlp", "grpc"}, Remove: true})
	}
	for _, argument := range texts(base.arguments()) {
		flag := overlay.Identity(argument)
		if slices.ContainsFunc(gone, func(name string) bool { return flag == name || strings.HasPrefix(flag, name+".") }) {
			flags = append(flags, overlay.Entry{Path: argumentsPath, Item: flag, Remove: true})
		}
	}
	return values, flags
}

func texts(list []any) []string {
	var all []string
	for _, item := range list {
		if content, isText := item.(string); isText {
			all = append(all, content)
		}
	}
	return all
}
