// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
)

// setting is one thing that Traefik has to be told: a flag of its command line
// and, where the chart has values for it, their path.
type setting struct {
	flag  string
	value any
	path  []string
}

// argument is the setting as it stands on the command line.
func (s setting) argument() string { return fmt.Sprintf("--%s=%v", s.flag, s.value) }

// settings lists everything that has to arrive, in the order of the seed
// procedure: tracing first.
func (t target) settings() []setting {
	all := t.zipkin()
	if t.version.Export == compat.OTLP {
		all = t.otlp()
	}
	all = append(all, t.common()...)
	return append(all, t.accessLog()...)
}

func (t target) zipkin() []setting {
	return []setting{
		{"tracing.zipkin", true, nil},
		{"tracing.zipkin.httpEndpoint", t.endpoint, t.under(compat.Zipkin, "zipkin", "httpEndpoint")},
		{"tracing.zipkin.sameSpan", t.SameSpan, t.under(compat.Zipkin, "zipkin", "sameSpan")},
		{"tracing.zipkin.id128Bit", t.ID128Bit, t.under(compat.Zipkin, "zipkin", "id128Bit")},
		{"tracing.zipkin.sampleRate", t.SampleRate, t.under(compat.Zipkin, "zipkin", "sampleRate")},
	}
}

func (t target) otlp() []setting {
	way, insecure := "http", []setting(nil)
	if t.grpc() {
		way = "grpc"
		insecure = []setting{{"tracing.otlp.grpc.insecure", true, t.under(compat.OTLP, "otlp", "grpc", "insecure")}}
	}
	return append([]setting{
		{"tracing.otlp", true, t.under(compat.OTLP, "otlp", "enabled")},
		{"tracing.otlp." + way, true, t.under(compat.OTLP, "otlp", way, "enabled")},
		{"tracing.otlp." + way + ".endpoint", t.endpoint, t.under(compat.OTLP, "otlp", way, "endpoint")},
	}, insecure...)
}

// under is a path below the chart's "tracing", nil where the chart has no values
// for that way out.
func (t target) under(export compat.TraefikExport, path ...string) []string {
	if t.chart.Tracing != export {
		return nil
	}
	return append([]string{"tracing"}, path...)
}

// common are the settings that are the same for every way out.
func (t target) common() []setting {
	var all []setting
	if t.version.Export == compat.OTLP {
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

// shared is a path for all ways out, nil where the chart does not read it.
func (t target) shared(key string) []string {
	if !t.chart.Common {
		return nil
	}
	return []string{"tracing", key}
}

func (t target) attribute(name string) setting {
	attribute := setting{flag: "tracing." + t.version.Attributes + "." + name, value: t.ResourceAttributes[name]}
	if t.chart.Attributes == t.version.Attributes {
		attribute.path = []string{"tracing", t.chart.Attributes, name}
	}
	return attribute
}

func (t target) accessLog() []setting {
	if !t.AccessLog {
		return nil
	}
	log := func(path ...string) []string { return slices.Concat(t.chart.AccessLog, path) }
	return slices.Concat([]setting{
		{"accesslog", true, log("enabled")},
		{"accesslog.format", "json", log("format")},
	}, t.fieldSettings(), t.headerSettings())
}

// variables are the environment variables that Traefik has to have.
func (t target) variables() map[string]string {
	if t.version.Export == compat.Zipkin {
		return nil
	}
	return map[string]string{propagatorsVariable: strings.Join(t.Propagators, ",")}
}

// propagatorsVariable is read by every Traefik v3 (pkg/tracing/tracing.go@v3.0.0,
// autoprop.NewTextMapPropagator).
const propagatorsVariable = "OTEL_PROPAGATORS"
