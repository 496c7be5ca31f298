// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// TraefikChart says which values a generation of the Traefik chart understands.
// What it has no values for goes through additionalArguments, whose flags are
// the same in every generation.
type TraefikChart struct {
	// From is the first chart version of the generation.
	From string
	// Tracing is the kind of back end under values "tracing": Zipkin, OTLP, or ""
	// where the chart ignores it.
	Tracing TraefikExport
	// Common is true if tracing.serviceName and tracing.sampleRate are read.
	Common bool
	// Attributes is the key under "tracing" for resource attributes, or "".
	Attributes string
	// AccessLog is the path of the access-log values; DefaultMode and Fields name
	// their keys, which changed with it.
	AccessLog   []string
	DefaultMode string
	// FieldModes is the path below AccessLog that holds DefaultMode and names of
	// the fields that are not headers.
	FieldModes []string
	// OTLPLogs is true if values can send the access log by OTLP (below AccessLog, and
	// under experimental), DualOutput if they can have it written to the output, too.
	OTLPLogs, DualOutput bool
	// Environment are the variables of the chart's default "env", which a list of
	// the user's replaces: variable to field path.
	Environment []TraefikVariable
	// Source is where this was read.
	Source string
}

// TraefikVariable is an environment variable taken from the pod's own fields.
type TraefikVariable struct{ Name, Field string }

// TraefikExport is how spans leave Traefik.
type TraefikExport string

// The ways out: Zipkin in Traefik v2, OTLP from v3 on.
const (
	Zipkin TraefikExport = "zipkin"
	OTLP   TraefikExport = "otlp"
)

var (
	oldAccessLog = []string{"logs", "access"}
	oldFields    = []string{"fields", "general"}
	podVariables = []TraefikVariable{{"POD_NAME", "metadata.name"}, {"POD_NAMESPACE", "metadata.namespace"}}
)

// traefikCharts are the generations, oldest first. All sources are files of
// traefik/traefik-helm-chart at the tag of From.
var traefikCharts = []TraefikChart{
	{From: "9.12.0", AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields,
		Source: "traefik/templates/_podtemplate.tpl: accesslog flags since v9.12.0, no tracing.zipkin before v10.29.0"},
	{From: "10.29.0", Tracing: Zipkin, AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields,
		Source: "traefik/templates/_podtemplate.tpl: tracing.zipkin"},
	{From: "23.2.0", Tracing: Zipkin, AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields, Environment: podVariables,
		Source: "traefik/values.yaml: env has POD_NAME and POD_NAMESPACE, v23.2.0 to v32.1.1"},
	{From: "28.0.0", Tracing: OTLP, AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields, Environment: podVariables,
		Source: "traefik/templates/_podtemplate.tpl: tracing.otlp; requirements.yaml refuses Traefik below 3"},
	{From: "33.0.0", Tracing: OTLP, AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields,
		Source: "traefik/values.yaml: env is empty again, the template adds the pod's variables itself"},
	{From: "33.2.0", Tracing: OTLP, Common: true, Attributes: "globalAttributes", AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields,
		Source: "traefik/templates/_podtemplate.tpl: tracing.sampleRate, serviceName, globalAttributes (b2c06288)"},
	{From: "34.0.0", Tracing: OTLP, Common: true, Attributes: "resourceAttributes", AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields,
		Source: "traefik/templates/_podtemplate.tpl: tracing.resourceAttributes (f9bb9540)"},
	{From: "37.3.0", Tracing: OTLP, Common: true, Attributes: "resourceAttributes", AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields, OTLPLogs: true,
		Source: "traefik/templates/_podtemplate.tpl: --experimental.otlpLogs (f169d9d3); v37.2.0 has the values, and Traefik does not start with them"},
	{From: "40.0.0", Tracing: OTLP, Common: true, Attributes: "resourceAttributes", AccessLog: oldAccessLog, DefaultMode: "defaultmode", FieldModes: oldFields, OTLPLogs: true, DualOutput: true,
		Source: "traefik/templates/_podtemplate.tpl: logs.access.dualOutput (67990545); requirements.yaml refuses it below Traefik 3.7"},
	{From: "41.0.0", Tracing: OTLP, Common: true, Attributes: "resourceAttributes", OTLPLogs: true, DualOutput: true, AccessLog: []string{"accessLog"}, DefaultMode: "defaultMode", FieldModes: []string{"fields"},
		Source: "traefik/Changelog.md v41.0.0: logs.access becomes accessLog with camelCase keys"},
}

// upstream finds the version of traefik-helm-chart in the build metadata of a
// chart that k3s has repackaged: 39.0.701+up39.0.7 (k3s-io/k3s-charts,
// packages/traefik). A label writes the plus sign as an underscore.
var upstream = lazyregexp.Regexp{Expr: `^[^+_]+[+_]up(\d+\.\d+\.\d+)`}

// Traefik returns the generation of a chart version, as it is in the chart's URL
// or in the label helm.sh/chart.
func Traefik(chartVersion string) (TraefikChart, error) {
	plain := chartVersion
	if match := upstream.Get().FindStringSubmatch(chartVersion); match != nil {
		plain = match[1]
	}
	version, err := semver.NewVersion(strings.ReplaceAll(plain, "_", "+"))
	if err != nil {
		return TraefikChart{}, fmt.Errorf("read Traefik chart version %q: %w", chartVersion, err)
	}
	for i := len(traefikCharts) - 1; i >= 0; i-- {
		if !version.LessThan(semver.MustParse(traefikCharts[i].From)) {
			return traefikCharts[i], nil
		}
	}
	return TraefikChart{}, fmt.Errorf("Traefik chart %s is older than %s, the first one with access-log values", chartVersion, traefikCharts[0].From)
}
