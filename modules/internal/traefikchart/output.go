// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// KeepOutput leaves the access log going where it goes.
const KeepOutput compat.TraefikLogs = "auto"

const (
	otlpLogs   = "accesslog.otlp"
	dualOutput = "accesslog.dualoutput"
)

// ExportsLogs reports whether the options send the access log out by OTLP.
func (c Config) ExportsLogs() bool {
	return c.AccessLog && (c.LogOutput == compat.TraefikLogsOTLP || c.LogOutput == compat.TraefikLogsBoth)
}

// FindsLoki reports whether the options leave open where it is sent.
func (c Config) FindsLoki() bool { return c.ExportsLogs() && c.LogEndpoint == "" }

// userLogs is what the user does about the access log and OTLP, in values and
// arguments without this module.
type userLogs struct {
	// exports is whether it goes out by OTLP, dual whether it is written to the
	// output as well.
	exports, dual bool
	// way is http or grpc; endpoint is "" where the user names none.
	way, endpoint string
}

func (t Target) userLogs(base Layers) userLogs {
	flags := Flags(texts(base.arguments()))
	own := userLogs{exports: exportsLogs(flags) || t.logValue(base, "otlp", "enabled") == "true", way: "http"}
	own.dual = isTrue(t.inForce(base, "dualOutput"))
	if _, found := flags[otlpLogs+".grpc.endpoint"]; found || isTrue(t.inForce(base, "otlp", "grpc")) || t.logValue(base, "otlp", "grpc", "enabled") == "true" {
		own.way = "grpc"
	}
	own.endpoint = t.inForce(base, "otlp", own.way, "endpoint")
	return own
}

// inForce is what an argument says, else what the values say.
func (t Target) inForce(base Layers, keys ...string) string {
	if given, found := Flags(texts(base.arguments()))["accesslog."+strings.ToLower(strings.Join(keys, "."))]; found {
		return given
	}
	return t.logValue(base, keys...)
}

// logValue is a plain value of the access log, "" where the chart reads none.
func (t Target) logValue(base Layers, keys ...string) string {
	value, _ := overlay.Get(helm.Merge(base.Lower, base.Own), slices.Concat(t.Chart.AccessLog, keys)...)
	if _, isMap := value.(map[string]any); isMap || value == nil || !t.Chart.OTLPLogs {
		return ""
	}
	return fmt.Sprint(value)
}

// exportSettings send the access log out by OTLP, to where the user sends it
// already or to the address. Traefik starts with it only if the integration is
// switched on (pkg/config/static/static_config.go, ValidateConfiguration).
func (t Target) exportSettings() []setting {
	if !t.ExportsLogs() {
		return nil
	}
	way := t.logs.way
	all := []setting{
		{"experimental.otlpLogs", true, t.ifRead(t.Chart.OTLPLogs, []string{"experimental", "otlpLogs"})},
		{otlpLogs, true, t.exportPath("enabled")},
		{otlpLogs + "." + way, true, t.exportPath(way, "enabled")},
	}
	if t.logAddress != "" {
		all = append(all, setting{otlpLogs + ".http.endpoint", t.logAddress, t.exportPath("http", "endpoint")})
	}
	if t.LogTenant != "" {
		all = append(all, setting{otlpLogs + ".http.headers." + tenantHeader, t.LogTenant, t.exportPath("http", "headers", tenantHeader)})
	}
	if t.LogOutput == compat.TraefikLogsBoth {
		all = append(all, setting{"accesslog.dualOutput", true, t.ifRead(t.Chart.DualOutput, slices.Concat(t.Chart.AccessLog, []string{"dualOutput"}))})
	}
	return all
}

// tenantHeader names a tenant to Loki.
const tenantHeader = "X-Scope-OrgID"

func (t Target) exportPath(keys ...string) []string {
	return t.ifRead(t.Chart.OTLPLogs, slices.Concat(t.Chart.AccessLog, []string{"otlp"}, keys))
}

// ifRead is a path of the values, nil where the chart does not read it.
func (t Target) ifRead(read bool, path []string) []string {
	if !read {
		return nil
	}
	return path
}

// otherOutputs switch off settings of the user's that contradict the wanted output: OTLP
// for stdout, and stdout for OTLP alone.
func (t Target) otherOutputs() (values, flags []overlay.Setting) {
	switch {
	case !t.AccessLog:
	case t.LogOutput == compat.TraefikLogsStdout && t.logs.exports:
		return t.without(otlpLogs, t.Chart.OTLPLogs, "otlp", "enabled")
	case t.LogOutput == compat.TraefikLogsOTLP && t.logs.dual:
		return t.without(dualOutput, t.Chart.DualOutput, "dualOutput")
	}
	return nil, nil
}

func (t Target) without(flag string, read bool, keys ...string) (values, flags []overlay.Setting) {
	if read && t.logValue(t.Base, keys...) == "true" {
		values = append(values, overlay.Setting{Path: slices.Concat(t.Chart.AccessLog, keys), Value: false})
	}
	for _, argument := range texts(t.Base.arguments()) {
		if name := overlay.Identity(argument); name == flag || strings.HasPrefix(name, flag+".") {
			flags = append(flags, overlay.Setting{Path: argumentsPath, Item: name, Remove: true})
		}
	}
	return values, flags
}

// contradictsOutput reports whether one of the flags sends the access log
// elsewhere than the options.
func (t Target) contradictsOutput(flags map[string]string, flag string) bool {
	switch {
	case !t.AccessLog:
		return false
	case t.LogOutput == compat.TraefikLogsStdout:
		return exportsLogs(flags) && (flag == otlpLogs || strings.HasPrefix(flag, otlpLogs+"."))
	case t.LogOutput == compat.TraefikLogsOTLP && flag == dualOutput:
		return isTrue(flags[flag])
	}
	return t.logAddress != "" && (flag == otlpLogs+".grpc" || strings.HasPrefix(flag, otlpLogs+".grpc."))
}

// exportsLogs reports whether flags send the access log out by OTLP.
func exportsLogs(flags map[string]string) bool {
	if isFalse(flags[otlpLogs]) {
		return false
	}
	for flag := range flags {
		if flag == otlpLogs || strings.HasPrefix(flag, otlpLogs+".") {
			return true
		}
	}
	return false
}
