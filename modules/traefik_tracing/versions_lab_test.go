//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

var (
	zipkinFlags = []string{
		"--tracing.zipkin=true",
		"--tracing.zipkin.httpEndpoint=http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans",
		"--tracing.zipkin.sameSpan=true",
		"--tracing.zipkin.id128Bit=true",
		"--tracing.zipkin.sampleRate=1",
	}
	otlpFlags = []string{
		"--tracing.otlp=true",
		"--tracing.otlp.http=true",
		"--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces",
		"--tracing.sampleRate=1",
	}
	logFlags = []string{
		"--accesslog=true",
		"--accesslog.format=json",
		"--accesslog.fields.defaultmode=keep",
		"--accesslog.fields.headers.defaultmode=drop",
		"--accesslog.fields.headers.names.X-B3-Traceid=keep",
	}
	noVariables  = map[string]string{}
	podVariables = map[string]string{"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"}
	v3Variables  = map[string]string{"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace",
		"OTEL_PROPAGATORS": "tracecontext,baggage,b3multi"}
	v39Variables = map[string]string{"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace", "USER": "traefik",
		"OTEL_PROPAGATORS": "tracecontext,baggage,b3multi"}
)

// Every chart: four runs, exactly the flags and variables that its Traefik
// understands, the field with the trace ID, and removal.
func TestEveryChartOfK3s(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		options map[string]any
		flags   []string
		env     map[string]string
		field   string
	}{
		"10.19.3":           {"no tracing values at all, so by arguments", nil, zipkinFlags, noVariables, "request_X-B3-Traceid"},
		"20.3.1+up20.3.0":   {"k3s 1.25", nil, zipkinFlags, noVariables, "request_X-B3-Traceid"},
		"25.0.3+up25.0.0":   {"k3s 1.28: the pod's variables stay", nil, zipkinFlags, podVariables, "request_X-B3-Traceid"},
		"27.0.201+up27.0.2": {"k3s 1.31", nil, zipkinFlags, podVariables, "request_X-B3-Traceid"},
		"28.0.0":            {"the first chart for v3 ignores the rate, so by argument; its Traefik 3.0 logs no ID", map[string]any{"without_trace_id": true}, otlpFlags, v3Variables, ""},
		"34.2.0":            {"with a schema; its Traefik 3.3.2 logs no ID, another image does", map[string]any{"image_tag": "v3.3.6"}, otlpFlags, v3Variables, "TraceId"},
		"34.2.1+up34.2.0":   {"k3s 1.32.2, whose Traefik 3.3.2 logs no ID", map[string]any{"image_tag": "3.3.6"}, otlpFlags, v3Variables, "TraceId"},
		"39.0.7":            {"with a closed schema", nil, otlpFlags, v39Variables, "trace_id"},
		"39.0.701+up39.0.7": {"k3s 1.35", nil, otlpFlags, v39Variables, "trace_id"},
		"41.3.0":            {"with a closed schema and the access log at its new place", nil, otlpFlags, v39Variables, "trace_id"},
		"41.4.2+up41.4.0":   {"k3s 1.37", nil, otlpFlags, v39Variables, "trace_id"},
	}
	for version, c := range cases {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, version, "", nil)
			before, beforeEnv := l.about(t)
			require.Empty(t, before)

			result := testkit.FourRuns(t, l.task(c.options))
			require.Equal(t, c.field, result["trace_id_field"])
			require.Equal(t, version, result["chart_version"])
			args, env := l.about(t)
			require.ElementsMatch(t, append(c.flags, logFlags...), args, c.reason)
			require.Equal(t, c.env, env, c.reason)
			require.ElementsMatch(t, args, result["arguments"])

			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			after, afterEnv := l.about(t)
			require.Empty(t, after)
			require.Equal(t, beforeEnv, afterEnv)
			require.Nil(t, l.config(t), "what this module created is gone")
		})
	}
}
