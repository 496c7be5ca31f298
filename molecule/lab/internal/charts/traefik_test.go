// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	zipkinValues = `{tracing: {zipkin: {httpEndpoint: "http://tempo-distributor.tracing:9411/api/v2/spans", sameSpan: true, id128Bit: true, sampleRate: 1.0}},
  logs: {access: {enabled: true, format: json, fields: {general: {defaultmode: keep}, headers: {defaultmode: drop, names: {X-B3-Traceid: keep}}}}}}`
	otlpValues = `{tracing: {serviceName: traefik, sampleRate: 0.25, resourceAttributes: {env: pi}, otlp: {enabled: true, grpc: {enabled: true, endpoint: "tempo:4317", insecure: true}}},
  logs: {access: {enabled: true, format: json}}}`
	newLogValues = `{tracing: {sampleRate: 0, otlp: {enabled: true, http: {enabled: true, endpoint: "http://tempo:4318/v1/traces"}}},
  accessLog: {enabled: true, format: json, fields: {defaultMode: drop, names: {TraceId: keep}, headers: {names: {X-B3-Traceid: keep}}}}}`
)

var (
	zipkinFlags = []string{"--tracing.zipkin=true", "--tracing.zipkin.httpEndpoint=http://tempo-distributor.tracing:9411/api/v2/spans",
		"--tracing.zipkin.sameSpan=true", "--tracing.zipkin.id128Bit=true", "--tracing.zipkin.sampleRate=1"}
	b3LogFlags = []string{"--accesslog=true", "--accesslog.format=json", "--accesslog.fields.defaultmode=keep",
		"--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"}
	plainLogFlags = []string{"--accesslog=true", "--accesslog.format=json", "--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop"}
	namedFlags    = []string{"--tracing.sampleRate=0.25", "--tracing.serviceName=traefik", "--tracing.resourceAttributes.env=pi"}
	grpcFlags     = []string{"--tracing.otlp=true", "--tracing.otlp.grpc=true", "--tracing.otlp.grpc.endpoint=tempo:4317", "--tracing.otlp.grpc.insecure=true"}
)

// TestTraefikFlags: the flags that each generation makes of the same settings, in the real chart's order
// (traefik/traefik-helm-chart, traefik/templates/_podtemplate.tpl at the tag of each version).
func TestTraefikFlags(t *testing.T) {
	tests := map[string]struct {
		reason, version, values string
		want                    []string
	}{
		"10.19.3 zipkin": {"no tracing keys", "10.19.3", zipkinValues, b3LogFlags},
		"20.3.1 zipkin":  {"v2", "20.3.1", zipkinValues, join(zipkinFlags, b3LogFlags)},
		"27.0.2 zipkin":  {"v2", "27.0.2", zipkinValues, join(zipkinFlags, b3LogFlags)},
		"k3s 27 zipkin":  {"v2", "27.0.201+up27.0.2", zipkinValues, join(zipkinFlags, b3LogFlags)},
		"20.3.1 false":   {"guards drop false and 0", "20.3.1", "{tracing: {zipkin: {httpEndpoint: e, sameSpan: false, sampleRate: 0}}}", []string{"--tracing.zipkin=true", "--tracing.zipkin.httpEndpoint=e"}},
		"28.0.0 otlp":    {"span names are ignored", "28.0.0", otlpValues, join(grpcFlags, plainLogFlags)},
		"34.2.0 otlp":    {"v3", "34.2.0", otlpValues, join(namedFlags, grpcFlags, plainLogFlags)},
		"k3s 39 otlp":    {"v3, no schema", "39.0.701+up39.0.7", otlpValues, join(namedFlags, grpcFlags, plainLogFlags)},
		"34.2.0 rate 0":  {"a guard drops 0", "34.2.0", "{tracing: {sampleRate: 0}}", nil},
		"39.0.7 rate 0":  {"0 is a value", "39.0.7", "{tracing: {sampleRate: 0}}", []string{"--tracing.sampleRate=0"}},
		"41.3.0 both": {"accessLog, camel case", "41.3.0", newLogValues, []string{"--tracing.sampleRate=0", "--tracing.otlp=true", "--tracing.otlp.http=true",
			"--tracing.otlp.http.endpoint=http://tempo:4318/v1/traces", "--accesslog=true", "--accesslog.format=json", "--accesslog.fields.defaultmode=drop",
			"--accesslog.fields.names.TraceId=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"}},
		"39.0.7 log export": {"by OTLP", "39.0.7", "{experimental: {otlpLogs: true}, logs: {access: {enabled: true, otlp: {enabled: true, http: {enabled: true, endpoint: 'http://l/otlp/v1/logs', headers: {X-Scope-OrgID: pi}}}}}}",
			[]string{"--accesslog=true", "--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.otlp=true", "--accesslog.otlp.http=true",
				"--accesslog.otlp.http.endpoint=http://l/otlp/v1/logs", "--accesslog.otlp.http.headers.X-Scope-OrgID=pi"}},
		"41.3.0 log export": {"with the output beside it", "41.3.0", "{experimental: {otlpLogs: true}, accessLog: {enabled: true, dualOutput: true, otlp: {enabled: true, serviceName: edge, grpc: {enabled: true, endpoint: 'c:4317'}}}}",
			[]string{"--accesslog=true", "--accesslog.dualOutput=true", "--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.otlp=true",
				"--accesslog.otlp.grpc=true", "--accesslog.otlp.grpc.endpoint=c:4317", "--accesslog.otlp.serviceName=edge"}},
		"otlp without a way": {"Traefik then sends to https://localhost:4318", "39.0.7", "{tracing: {otlp: {enabled: true}}}", []string{"--tracing.otlp=true"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, a := range argsOf(t, tt.version, tt.values) {
				if strings.HasPrefix(a, "--tracing") || strings.HasPrefix(a, "--accesslog") {
					got = append(got, a)
				}
			}
			require.Equal(t, tt.want, got, tt.reason)
		})
	}
}

// TestAdditionalArgumentsComeLast: the one setting that every version understands.
func TestAdditionalArgumentsComeLast(t *testing.T) {
	for _, version := range []string{"10.19.3", "20.3.1", "25.0.0", "27.0.2", "28.0.0", "34.2.0", "39.0.7", "41.3.0", "41.4.2+up41.4.0"} {
		args := argsOf(t, version, `{additionalArguments: ["--accesslog=true", "--tracing.otlp.http.endpoint=http://t:4318/v1/traces"]}`)
		require.Equal(t, []string{"--accesslog=true", "--tracing.otlp.http.endpoint=http://t:4318/v1/traces"}, args[len(args)-2:], version)
	}
}

// TestTraefikEnvironment: a user's env replaces the pod's name and namespace on charts 25 to 28 and is added from 34 on.
func TestTraefikEnvironment(t *testing.T) {
	tests := map[string]struct {
		reason, version string
		want            []string
	}{
		"20": {"the chart sets none", "20.3.1", []string{"OTEL_PROPAGATORS"}},
		"25": {"defaults are lost", "25.0.0", []string{"OTEL_PROPAGATORS"}},
		"28": {"defaults are lost", "28.0.0", []string{"OTEL_PROPAGATORS"}},
		"34": {"fixed", "34.2.0", []string{"POD_NAME", "POD_NAMESPACE", "OTEL_PROPAGATORS"}},
		"41": {"fixed", "41.4.2+up41.4.0", []string{"POD_NAME", "POD_NAMESPACE", "USER", "OTEL_PROPAGATORS"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := render(t, "traefik", tt.version, "traefik", "kube-system", `{env: [{name: OTEL_PROPAGATORS, value: b3multi}]}`)
			require.Equal(t, tt.want, factsOf(out["Deployment/traefik"]).Env, tt.reason)
		})
	}
}

func argsOf(t *testing.T, version, values string) []string {
	t.Helper()
	return factsOf(render(t, "traefik", version, "traefik", "kube-system", values)["Deployment/traefik"]).Args
}

func join(parts ...[]string) []string {
	var out []string
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
