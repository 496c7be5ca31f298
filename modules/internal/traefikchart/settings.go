// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/secret"
)

// setting is one thing that Traefik has to be told: a flag of its command line
// and, where the chart has values for it, their path.
type setting struct {
	flag  string
	value any
	path  []string
}

// argument is the setting as it is on the command line.
func (s setting) argument() string { return fmt.Sprintf("--%s=%v", s.flag, s.value) }

// settings lists everything that has to arrive, in the order of the seed
// procedure: tracing first.
func (t Target) settings() []setting {
	all := t.zipkin()
	if t.Version.Export == compat.OTLP {
		all = t.otlp()
	}
	all = append(all, t.common()...)
	return append(all, t.accessLog()...)
}

func (t Target) zipkin() []setting {
	return []setting{
		{"tracing.zipkin", true, nil},
		{"tracing.zipkin.httpEndpoint", t.Address, t.under(compat.Zipkin, "zipkin", "httpEndpoint")},
		{"tracing.zipkin.sameSpan", t.SameSpan, t.under(compat.Zipkin, "zipkin", "sameSpan")},
		{"tracing.zipkin.id128Bit", t.ID128Bit, t.under(compat.Zipkin, "zipkin", "id128Bit")},
		{"tracing.zipkin.sampleRate", t.SampleRate, t.under(compat.Zipkin, "zipkin", "sampleRate")},
	}
}

func (t Target) otlp() []setting {
	way, insecure := "http", []setting(nil)
	if t.grpc() {
		way = "grpc"
		insecure = []setting{{"tracing.otlp.grpc.insecure", true, t.under(compat.OTLP, "otlp", "grpc", "insecure")}}
	}
	return append([]setting{
		{"tracing.otlp", true, t.under(compat.OTLP, "otlp", "enabled")},
		{"tracing.otlp." + way, true, t.under(compat.OTLP, "otlp", way, "enabled")},
		{"tracing.otlp." + way + ".endpoint", t.Address, t.under(compat.OTLP, "otlp", way, "endpoint")},
	}, insecure...)
}

// under is a path below the chart's "tracing", nil where the chart has no values
// for that exporter.
func (t Target) under(export compat.TraefikExport, path ...string) []string {
	if t.Chart.Tracing != export {
		return nil
	}
	return append([]string{"tracing"}, path...)
}

// common are the settings that are the same for every exporter.
func (t Target) common() []setting {
	var all []setting
	if t.Version.Export == compat.OTLP {
		all = append(all, setting{"tracing.sampleRate", t.SampleRate, t.shared("sampleRate")})
	}
	if t.ServiceName != "" {
		all = append(all, setting{"tracing.serviceName", t.ServiceName, t.shared("serviceName")})
	}
	for _, name := range slices.Sorted(maps.Keys(t.ResourceAttributes)) {
		all = append(all, t.attribute(name))
	}
	return all
}

// shared is a path for all exporters, nil where the chart does not read it.
func (t Target) shared(key string) []string {
	if !t.Chart.Common {
		return nil
	}
	return []string{"tracing", key}
}

func (t Target) attribute(name string) setting {
	attribute := setting{flag: "tracing." + t.Version.Attributes + "." + name, value: t.ResourceAttributes[name]}
	if t.Chart.Attributes == t.Version.Attributes {
		attribute.path = []string{"tracing", t.Chart.Attributes, name}
	}
	return attribute
}

func (t Target) accessLog() []setting {
	if !t.AccessLog {
		return nil
	}
	log := func(path ...string) []string { return slices.Concat(t.Chart.AccessLog, path) }
	return slices.Concat([]setting{
		{"accesslog", true, log("enabled")},
		{"accesslog.format", "json", log("format")},
	}, t.fieldSettings(), t.headerSettings(), t.exportSettings())
}

// variables are the environment variables that Traefik has to have.
func (t Target) variables() map[string]string {
	if t.Version.Export == compat.Zipkin {
		return nil
	}
	return map[string]string{PropagatorsVariable: strings.Join(t.Propagators, ",")}
}

// PropagatorsVariable is read by every Traefik v3 (pkg/tracing/tracing.go@v3.0.0,
// autoprop.NewTextMapPropagator).
const PropagatorsVariable = "OTEL_PROPAGATORS"

// Flags are those that Traefik takes from a command line, by their name
// in lower case: of several the last wins.
func Flags(args []string) map[string]string {
	flags := map[string]string{}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			continue
		}
		_, value, given := strings.Cut(arg, "=")
		if !given {
			value = "true"
		}
		flags[overlay.Identity(arg)] = value
	}
	return flags
}

// same compares a flag's value with a wanted one: 1 is 1.0, True is true.
func same(given string, wanted any) bool {
	switch want := wanted.(type) {
	case float64:
		number, err := strconv.ParseFloat(given, 64)
		return err == nil && number == want
	case bool:
		truth, err := strconv.ParseBool(given)
		return err == nil && truth == want
	}
	return given == fmt.Sprint(wanted)
}

// Missing lists what has not arrived in the arguments and the environment of a
// container, and what is in its way.
func (t Target) Missing(args []string, env map[string]string) []string {
	flags := Flags(args)
	var faults []string
	for _, setting := range t.settings() {
		given, found := flags[strings.ToLower(setting.flag)]
		switch {
		case !found && t.byDefault(setting):
		case !found:
			faults = append(faults, setting.argument()+" is missing")
		case !same(given, setting.value):
			faults = append(faults, fmt.Sprintf("%s is %s", setting.argument(), secret.Masked(given)))
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if t.forbidden(flag) || t.contradictsOutput(flags, flag) {
			faults = append(faults, "--"+flag+" is still there")
		}
	}
	variables := t.variables()
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if env[name] != variables[name] {
			faults = append(faults, fmt.Sprintf("the variable %s is %q", name, env[name]))
		}
	}
	return faults
}

// byDefault reports whether Traefik does what the setting says without its flag.
func (t Target) byDefault(s setting) bool {
	return s.flag == "tracing.zipkin.sameSpan" && s.value == false
}

// forbidden reports whether a flag is in the way of the settings.
func (t Target) forbidden(flag string) bool {
	root, _, _ := strings.Cut(strings.TrimPrefix(flag, "tracing."), ".")
	if !strings.HasPrefix(flag, "tracing.") {
		return false
	}
	if t.Version.Export == compat.Zipkin {
		return slices.Contains(otherBackends, root)
	}
	if slices.ContainsFunc(t.backendSettings, func(s backendSetting) bool { return s.flag() == flag }) {
		return true
	}
	return root == "zipkin" || !t.grpc() && (flag == "tracing.otlp.grpc" || strings.HasPrefix(flag, "tracing.otlp.grpc."))
}

// otherBackends are the other back ends of Traefik v2, which sends to one only: the
// first that it finds (traefik/traefik, cmd/traefik/traefik.go@v2.9.4,
// setupTracing).
var otherBackends = []string{"jaeger", "datadog", "instana", "haystack", "elastic"}

// AboutTracing reports whether an argument is about tracing or the access log.
func AboutTracing(arg string) bool {
	flag := overlay.Identity(arg)
	return strings.HasPrefix(flag, "tracing") || strings.HasPrefix(flag, "accesslog") || flag == "experimental.otlplogs"
}
