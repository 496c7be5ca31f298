// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// asked is the spec of a task that sets only an endpoint.
func asked(change func(*Spec)) Spec {
	spec := Spec{Args{Wait: true, Config: traefikchart.Config{Endpoints: map[string]any{
		"otlp_http": "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces",
		"otlp_grpc": "tempo-distributor.tracing.svc.cluster.local:4317",
		"zipkin":    "http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans",
	}, Protocol: "http", SampleRate: 1, SameSpan: true, ID128Bit: true, Propagators: []string{"tracecontext", "baggage", "b3multi"},
		AccessLog: true, TraceHeader: "X-B3-Traceid"}}}
	if change != nil {
		change(&spec)
	}
	return spec
}

func absent() Spec { return Spec{Args{State: "absent"}} }

// planned is the plan for a status without a proposal yet; it keeps an existing
// dry run.
func planned(spec Spec, status Status) (plan.Plan, error) {
	run := status.Proposal.dryRun
	status.Proposal = status.proposal(spec)
	status.Proposal.dryRun = run
	return (&client{}).Plan(spec, status)
}

const (
	logsAccess = `logs:
  access:
    enabled: true
    fields:
      general:
        defaultmode: keep
      headers:
        defaultmode: drop
        names:
          X-B3-Traceid: keep
    format: json
`
	accessLog = `accessLog:
  enabled: true
  fields:
    defaultMode: keep
    headers:
      defaultMode: drop
      names:
        X-B3-Traceid: keep
  format: json
`
	propagatorsItem = `  - name: OTEL_PROPAGATORS
    value: tracecontext,baggage,b3multi
`
	podItems = `  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: POD_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
`
	zipkinValues = `tracing:
  zipkin:
    httpEndpoint: http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
    id128Bit: true
    sameSpan: true
    sampleRate: 1
`
	otlpValues = `tracing:
  otlp:
    enabled: true
    http:
      enabled: true
      endpoint: http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces
`
)

func TestValuesOfEachChart(t *testing.T) {
	cases := map[string]struct {
		reason string
		chart  string
		image  string
		change func(*Spec)
		want   string
		field  string
	}{
		"10.19.3": {"a chart without tracing values is configured by arguments", "10.19.3", "traefik:2.6.2", nil,
			`additionalArguments:
  - --tracing.zipkin=true
  - --tracing.zipkin.httpEndpoint=http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
  - --tracing.zipkin.sameSpan=true
  - --tracing.zipkin.id128Bit=true
  - --tracing.zipkin.sampleRate=1
` + logsAccess, "request_X-B3-Traceid"},
		"10.9.100 of k3s": {"k3s' own version numbers count by their prefix", "10.9.100", "rancher/mirrored-library-traefik:2.6.1", func(s *Spec) { s.AccessLog = false },
			`additionalArguments:
  - --tracing.zipkin=true
  - --tracing.zipkin.httpEndpoint=http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
  - --tracing.zipkin.sameSpan=true
  - --tracing.zipkin.id128Bit=true
  - --tracing.zipkin.sampleRate=1
`, "request_X-B3-Traceid"},
		"20.3.1":                 {"the seed procedure's values", "20.3.1", "traefik:v2.9.4", nil, logsAccess + zipkinValues, "request_X-B3-Traceid"},
		"27.0.201+up27.0.2":      {"v2 needs no variable, so the chart's own are kept", "27.0.201+up27.0.2", "rancher/mirrored-library-traefik:2.11.10", nil, logsAccess + zipkinValues, "request_X-B3-Traceid"},
		"28.0.0":                 {"a list of variables would replace the chart's, rate goes by argument", "28.0.0", "traefik:v3.2.0", nil, "additionalArguments:\n  - --tracing.sampleRate=1\nenv:\n" + podItems + propagatorsItem + logsAccess + otlpValues, "TraceId"},
		"33.2.0":                 {"rate has a value from here on", "33.2.0", "traefik:v3.2.2", nil, "env:\n" + propagatorsItem + logsAccess + otlpValues + "  sampleRate: 1\n", "TraceId"},
		"34.2.1+up34.2.0, 3.3.6": {"the chart of k3s 1.32 to 1.34", "34.2.1+up34.2.0", "rancher/mirrored-library-traefik:3.3.6", nil, "env:\n" + propagatorsItem + logsAccess + otlpValues + "  sampleRate: 1\n", "TraceId"},
		"39.0.701+up39.0.7":      {"the chart of k3s 1.35", "39.0.701+up39.0.7", "rancher/mirrored-library-traefik:3.6.13", nil, "env:\n" + propagatorsItem + logsAccess + otlpValues + "  sampleRate: 1\n", "trace_id"},
		"41.3.0":                 {"the access log has its own key", "41.3.0", "docker.io/traefik:v3.7.11", nil, accessLog + "env:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", "trace_id"},
		"41.3.0 by gRPC": {"gRPC needs host and port, and insecure to work without TLS", "41.3.0", "docker.io/traefik:v3.7.11", func(s *Spec) { s.Protocol, s.AccessLog = "grpc", false },
			"env:\n" + propagatorsItem + `tracing:
  otlp:
    enabled: true
    grpc:
      enabled: true
      endpoint: tempo-distributor.tracing.svc.cluster.local:4317
      insecure: true
  sampleRate: 1
`, "trace_id"},
		"all of the rest": {"name, attributes, image, and a rate of 0 that templates drop", "34.2.0", "docker.io/traefik:v3.3.2",
			func(s *Spec) {
				s.SampleRate, s.ServiceName, s.ImageTag, s.AccessLog = 0, "edge", "v3.3.6", false
				s.ResourceAttributes = map[string]string{"cluster": "pi", "a.b": "c"}
			},
			"additionalArguments:\n  - --tracing.sampleRate=0\nenv:\n" + propagatorsItem + "image:\n  tag: v3.3.6\n" + otlpValues + `  resourceAttributes:
    a.b: c
    cluster: pi
  sampleRate: 0
  serviceName: edge
`, "TraceId"},
		"old flag for attributes": {"Traefik 3.2 calls attributes global, charts before 33.2 have no values for them", "31.0.0", "traefik:v3.2.0",
			func(s *Spec) { s.ResourceAttributes, s.AccessLog = map[string]string{"cluster": "pi"}, false },
			"additionalArguments:\n  - --tracing.sampleRate=1\n  - --tracing.globalAttributes.cluster=pi\nenv:\n" + podItems + propagatorsItem + otlpValues, "TraceId"},
		"v2 with false and a name": {"templates of v2 drop false, and have no service name", "20.3.1", "traefik:v2.9.4",
			func(s *Spec) { s.SameSpan, s.ID128Bit, s.ServiceName, s.AccessLog = false, false, "edge", false },
			`additionalArguments:
  - --tracing.zipkin.id128Bit=false
  - --tracing.serviceName=edge
tracing:
  zipkin:
    httpEndpoint: http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
    id128Bit: false
    sameSpan: false
    sampleRate: 1
`, "request_X-B3-Traceid"},
		"v3 on a chart for v2": {"Traefik's version decides how spans are sent, the chart only where it is configured", "27.0.2", "traefik:v3.6.0", func(s *Spec) { s.AccessLog = false },
			`additionalArguments:
  - --tracing.otlp=true
  - --tracing.otlp.http=true
  - --tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces
  - --tracing.sampleRate=1
env:
` + podItems + propagatorsItem, "TraceId"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status := Status{Method: methodConfig, Name: "traefik", Namespace: "kube-system", Chart: c.chart, Workload: traefikfind.Workload{Image: c.image}}
			proposal := status.proposal(asked(c.change))
			require.NoError(t, proposal.Err)
			require.Equal(t, c.want, proposal.Text, c.reason)
			require.Equal(t, c.field, proposal.target.Version.TraceIDField)
		})
	}
}

// What the user has chosen for the fields of the access log stays; the field with
// the trace ID is kept in any case.
func TestFieldsThatTheUserChose(t *testing.T) {
	cases := map[string]struct {
		reason string
		chart  string
		image  string
		own    string
		lower  map[string]any
		want   []string
		not    []string
	}{
		"drop, chart 39": {"the ID is kept by name, the default is unchanged", "39.0.7", "traefik:v3.6.13",
			"logs:\n  access:\n    fields:\n      general:\n        defaultmode: drop\n        names:\n          RequestHost: keep\n", nil,
			[]string{"        defaultmode: drop\n        names:\n          RequestHost: keep\n          trace_id: keep\n"}, []string{"defaultmode: keep"}},
		"drop, chart 41": {"the same in the new keys", "41.3.0", "traefik:v3.7.11", "accessLog:\n  fields:\n    defaultMode: drop\n", nil,
			[]string{"    defaultMode: drop\n", "    names:\n      trace_id: keep\n"}, []string{"defaultMode: keep"}},
		"drop, v2": {"in v2 the ID is a header, fields do not matter", "27.0.2", "traefik:v2.11.2",
			"logs:\n  access:\n    fields:\n      general:\n        defaultmode: drop\n", nil, []string{"        defaultmode: drop\n", "X-B3-Traceid: keep"}, []string{"general:\n        defaultmode: keep", "trace_id", "TraceId"}},
		"drop below": {"in the values of the HelmChart", "39.0.7", "traefik:v3.4.0", "",
			map[string]any{"logs": map[string]any{"access": map[string]any{"fields": map[string]any{"general": map[string]any{"defaultmode": "drop"}}}}},
			[]string{"      general:\n        names:\n          TraceId: keep\n"}, []string{"general:\n        defaultmode"}},
		"drop by argument": {"arguments win over values", "39.0.7", "traefik:v3.6.13", "additionalArguments:\n  - --accesslog.fields.defaultmode=drop\n", nil,
			[]string{"  - --accesslog.fields.defaultmode=drop\n", "          trace_id: keep\n"}, []string{"defaultmode=keep"}},
		"hidden by name": {"in the user's own spelling, since Traefik ignores case", "39.0.7", "traefik:v3.4.0",
			"logs:\n  access:\n    fields:\n      general:\n        names:\n          traceid: drop\n", nil,
			[]string{"          traceid: keep\n", "        defaultmode: keep\n"}, []string{"TraceId"}},
		"hidden by argument": {"an argument is changed where it stands", "39.0.7", "traefik:v3.4.0", "additionalArguments:\n  - --accesslog.fields.names.TraceId=drop\n", nil,
			[]string{"  - --accesslog.fields.names.TraceId=keep\n"}, []string{"TraceId=drop"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status := Status{Method: methodConfig, Name: "traefik", Namespace: "kube-system", Chart: c.chart, Workload: traefikfind.Workload{Image: c.image}, Text: c.own, Lower: c.lower, Exists: true}
			proposal := status.proposal(asked(nil))
			require.NoError(t, proposal.Err)
			for _, part := range c.want {
				require.Contains(t, proposal.Text, part, c.reason)
			}
			for _, part := range c.not {
				require.NotContains(t, proposal.Text, part, c.reason)
			}
			status.Text, status.Record = proposal.Text, proposal.Record
			second := status.proposal(asked(nil))
			require.NoError(t, second.Err)
			require.Equal(t, proposal.Text, second.Text, "a second run finds no difference")
			back := status.proposal(absent())
			require.NoError(t, back.Err)
			require.Equal(t, c.own, back.Text, "absent restores the values")
		})
	}
}
