// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

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

// flagsOf are the flags that Traefik takes from a command line, by their name
// in lower case: of several the last wins.
func flagsOf(args []string) map[string]string {
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

// missing lists what has not arrived in the arguments and the environment of a
// container, and what stands in its way.
func (t target) missing(args []string, env map[string]string) []string {
	flags := flagsOf(args)
	var faults []string
	for _, setting := range t.settings() {
		given, there := flags[strings.ToLower(setting.flag)]
		switch {
		case !there && t.byDefault(setting):
		case !there:
			faults = append(faults, setting.argument()+" is missing")
		case !same(given, setting.value):
			faults = append(faults, fmt.Sprintf("%s is %s", setting.argument(), secret.Masked(given)))
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if t.forbidden(flag) {
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
func (t target) byDefault(s setting) bool {
	return s.flag == "tracing.zipkin.sameSpan" && s.value == false
}

// forbidden reports whether a flag stands in the way of the settings.
func (t target) forbidden(flag string) bool {
	root, _, _ := strings.Cut(strings.TrimPrefix(flag, "tracing."), ".")
	if !strings.HasPrefix(flag, "tracing.") {
		return false
	}
	if t.version.Export == compat.Zipkin {
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

// aboutTracing reports whether an argument is about tracing or the access log.
func aboutTracing(arg string) bool {
	flag := overlay.Identity(arg)
	return strings.HasPrefix(flag, "tracing") || strings.HasPrefix(flag, "accesslog")
}
