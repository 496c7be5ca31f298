// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

var (
	argumentsPath   = []string{"additionalArguments"}
	environmentPath = []string{"env"}
	imagePath       = []string{"image", "tag"}
)

// Layers are the values of a Traefik without what this collection has set: Own
// can be changed, Lower is below it.
type Layers struct{ Own, Lower map[string]any }

// arguments are the additionalArguments in force.
func (l Layers) arguments() []any { return l.list(argumentsPath[0]) }

// list is the list in force: one of the user's replaces the one below whole.
func (l Layers) list(key string) []any {
	for _, values := range []map[string]any{l.Own, l.Lower} {
		if list, isList := values[key].([]any); isList {
			return list
		}
	}
	return nil
}

// Entries are the values that bring the settings to Traefik.
func (t Target) Entries() []overlay.Setting {
	base := t.Base
	var values, arguments []overlay.Setting
	for _, setting := range t.settings() {
		avoided := t.avoids(setting)
		if setting.path != nil && !avoided {
			values = append(values, overlay.Setting{Path: setting.path, Value: setting.value})
		}
		if avoided && !t.setByUser(setting) || setting.asArgument(t.Chart, base) {
			arguments = append(arguments, overlay.Setting{Path: argumentsPath, Item: strings.ToLower(setting.flag), Value: setting.argument()})
		}
	}
	if t.ImageTag != "" {
		values = append(values, overlay.Setting{Path: imagePath, Value: t.ImageTag})
	}
	obsolete, flags := t.obsolete(base)
	arguments = append(arguments, flags...)
	removed, flags := t.removeBackendSettings()
	obsolete, arguments = append(obsolete, removed...), append(arguments, flags...)
	removed, flags = t.otherOutputs()
	obsolete, arguments = append(obsolete, removed...), append(arguments, flags...)
	return slices.Concat(obsolete, values, inherited(base, argumentsPath, nil, arguments), t.environment(base))
}

// asArgument reports whether a setting has to be in additionalArguments:
// where the chart has no values for it, where its template drops an empty one,
// and where an argument of the user's says otherwise, since arguments come last.
func (s setting) asArgument(chart compat.TraefikChart, base Layers) bool {
	if s.path == nil && !s.implied(chart) {
		return true
	}
	if s.value == 0.0 || s.value == false && s.flag == "tracing.zipkin.id128Bit" {
		return true
	}
	given, found := Flags(texts(base.arguments()))[strings.ToLower(s.flag)]
	return found && !same(given, s.value)
}

// avoids reports whether a setting of a Helm release is among the arguments
// although its chart has values for it, since a later chart refuses these: the
// next upgrade with the same values would stop.
func (t Target) avoids(s setting) bool {
	if !t.Released || s.path == nil {
		return false
	}
	refused, later := compat.TraefikRefusedLater(s.path)
	return later && refused.Flags
}

// RefusedLater are the values among the settings that a later chart refuses, each
// once.
func (t Target) RefusedLater() (all []compat.TraefikRefused) {
	seen := map[string]bool{}
	for _, setting := range t.settings() {
		refused, later := compat.TraefikRefusedLater(setting.path)
		name := strings.Join(refused.Path, ".")
		if !later || t.avoids(setting) || seen[name] {
			continue
		}
		seen[name] = true
		all = append(all, refused)
	}
	return all
}

// FlagsEndStart reports whether settings are among the arguments that no Traefik v3
// starts with.
func (t Target) FlagsEndStart() bool {
	return slices.ContainsFunc(t.Entries(), func(entry overlay.Setting) bool {
		return !entry.Remove && strings.HasPrefix(entry.Item+".", "tracing.zipkin.")
	})
}

// setByUser reports whether the user's own values bring a setting about already. The
// chart reads those of the access log only where it is enabled.
func (t Target) setByUser(s setting) bool {
	merged := helm.Merge(t.Base.Lower, t.Base.Own)
	if len(t.Chart.AccessLog) < len(s.path) && slices.Equal(s.path[:len(t.Chart.AccessLog)], t.Chart.AccessLog) {
		if on, _ := overlay.Get(merged, slices.Concat(t.Chart.AccessLog, []string{"enabled"})...); on != true {
			return false
		}
	}
	value, found := overlay.Get(merged, s.path...)
	return found && overlay.Equal(value, s.value)
}

// implied reports whether the chart adds the flag by itself as soon as there are
// values below it.
func (s setting) implied(chart compat.TraefikChart) bool {
	return s.flag == "tracing.zipkin" && chart.Tracing == compat.Zipkin
}

// environment keeps the list of variables that is below in force, since a list of
// the user's replaces it: charts 23.2 to 32 would lose POD_NAME.
func (t Target) environment(base Layers) []overlay.Setting {
	var entries []overlay.Setting
	variables := t.variables()
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		entries = append(entries, overlay.Setting{Path: environmentPath, Item: name,
			Value: map[string]any{"name": name, "value": variables[name]}})
	}
	return inherited(base, environmentPath, podVariables(t.Chart), entries)
}

// inherited puts the list that is below in front of entries that would replace
// it.
func inherited(base Layers, path []string, chart []any, entries []overlay.Setting) []overlay.Setting {
	below := chart
	if list, isList := base.Lower[path[0]].([]any); isList {
		below = list
	}
	if base.Own[path[0]] != nil || len(below) == 0 || len(entries) == 0 {
		return entries
	}
	return append([]overlay.Setting{{Path: path, Value: below, Default: true}}, entries...)
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
func (t Target) obsolete(base Layers) (values, flags []overlay.Setting) {
	if t.Version.Export != compat.OTLP {
		return nil, nil
	}
	gone := []string{"tracing.zipkin"}
	values = append(values, overlay.Setting{Path: []string{"tracing", "zipkin"}, Remove: true})
	if !t.grpc() {
		gone = append(gone, "tracing.otlp.grpc")
		values = append(values, overlay.Setting{Path: []string{"tracing", "otlp", "grpc"}, Remove: true})
	}
	for _, argument := range texts(base.arguments()) {
		flag := overlay.Identity(argument)
		if slices.ContainsFunc(gone, func(name string) bool { return flag == name || strings.HasPrefix(flag, name+".") }) {
			flags = append(flags, overlay.Setting{Path: argumentsPath, Item: flag, Remove: true})
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
