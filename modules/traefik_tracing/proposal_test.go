// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// twice makes a proposal and its warnings, and checks that a second run finds the
// same and that absent restores the values.
func twice(t *testing.T, status Status, change func(*Spec)) (proposal Proposal, warnings []string) {
	t.Helper()
	proposal = status.proposal(asked(change))
	require.NoError(t, proposal.Err)
	steps, err := planned(asked(change), status)
	require.NoError(t, err)

	later := status
	later.Text, later.Record, later.FailurePolicy = proposal.Text, proposal.Record, proposal.FailurePolicy
	if proposal.Record == nil {
		later.Record = status.Record
	}
	second := later.proposal(asked(change))
	require.NoError(t, second.Err)
	require.False(t, second.differs(), "a second run finds the same, not %v and %v", second.Before, second.After)
	back := later.proposal(absent())
	require.NoError(t, back.Err)
	require.Equal(t, status.Text, back.Text, "absent restores the values")
	return proposal, steps.Warnings
}

// What a user does with request headers stays; the one with the trace ID is kept
// in any case.
func TestHeadersThatTheUserChose(t *testing.T) {
	cases := map[string]struct {
		reason, chart, image, own string
		lower                     map[string]any
		want, not                 []string
		warns                     string
	}{
		"keep": {"the header is kept with all others", "39.0.7", "traefik:v3.6.13",
			"logs:\n  access:\n    enabled: true\n    format: json\n    fields:\n      headers:\n        defaultmode: keep\n        names:\n          Authorization: drop\n          Cookie: redact\n", nil,
			[]string{"      headers:\n        defaultmode: keep\n        names:\n          Authorization: drop\n          Cookie: redact\n"},
			[]string{"X-B3-Traceid", "defaultmode: drop"}, ""},
		"keep, chart 41": {"the same in the new keys", "41.3.0", "traefik:v3.7.11",
			"accessLog:\n  fields:\n    headers:\n      defaultMode: keep\n", nil, []string{"    headers:\n      defaultMode: keep\n"}, []string{"X-B3-Traceid", "defaultMode: drop"}, ""},
		"keep, v2": {"the ID is in that header, which is kept", "27.0.2", "traefik:v2.11.2",
			"logs:\n  access:\n    fields:\n      headers:\n        defaultmode: keep\n", nil, []string{"      headers:\n        defaultmode: keep\n"}, []string{"X-B3-Traceid", "defaultmode: drop"}, ""},
		"keep below": {"in the values of the HelmChart", "39.0.7", "traefik:v3.6.13", "",
			map[string]any{"logs": map[string]any{"access": map[string]any{"fields": map[string]any{"headers": map[string]any{"defaultmode": "keep"}}}}},
			nil, []string{"X-B3-Traceid", "defaultmode: drop"}, ""},
		"keep by argument": {"arguments win over values", "39.0.7", "traefik:v3.6.13", "additionalArguments:\n  - --accessLog.fields.headers.defaultMode=keep\n", nil,
			[]string{"  - --accessLog.fields.headers.defaultMode=keep\n"}, []string{"X-B3-Traceid", "defaultmode: drop", "defaultmode=drop"}, ""},
		"redact": {"the others stay redacted, this one is kept", "39.0.7", "traefik:v3.6.13",
			"logs:\n  access:\n    fields:\n      headers:\n        defaultmode: redact\n", nil,
			[]string{"        defaultmode: redact\n        names:\n          X-B3-Traceid: keep\n"}, []string{"defaultmode: drop"}, ""},
		"keep, but this one redacted": {"the name matches in the user's spelling", "27.0.2", "traefik:v2.11.2",
			"logs:\n  access:\n    fields:\n      headers:\n        defaultmode: keep\n        names:\n          x-b3-traceid: redact\n", nil,
			[]string{"        defaultmode: keep\n        names:\n          x-b3-traceid: keep\n"}, []string{"X-B3-Traceid"},
			"logs.access.fields.headers.names.x-b3-traceid redact becomes keep"},
		"this one dropped by argument": {"an argument is changed where it stands", "39.0.7", "traefik:v3.6.13",
			"additionalArguments:\n  - --accesslog.fields.headers.names.X-B3-TraceId=drop\n", nil,
			[]string{"  - --accesslog.fields.headers.names.X-B3-Traceid=keep\n"}, []string{"=drop"},
			"--accesslog.fields.headers.names.x-b3-traceid drop becomes keep"},
		"fields redacted": {"hidden fields stay hidden, the field with the ID is kept", "39.0.7", "traefik:v3.6.13",
			"logs:\n  access:\n    fields:\n      general:\n        defaultmode: redact\n", nil,
			[]string{"        defaultmode: redact\n        names:\n          trace_id: keep\n"}, []string{"general:\n        defaultmode: keep"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39(c.own, c.image)
			found.Chart, found.Lower = c.chart+"+up"+c.chart, c.lower
			proposal, warnings := twice(t, found, nil)
			for _, part := range c.want {
				require.Contains(t, proposal.Text, part, c.reason)
			}
			for _, part := range c.not {
				require.NotContains(t, proposal.Text, part, c.reason)
			}
			if c.warns == "" {
				require.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			require.Contains(t, warnings[0], c.warns)
		})
	}
}

// A setting of the user's that is replaced is named.
func TestReplacedSettingsAreNamed(t *testing.T) {
	const begin = "HelmChartConfig kube-system/traefik: your settings are replaced until state: absent restores them: "
	cases := map[string]struct {
		reason, chart, image, own string
		lower                     map[string]any
		change                    func(*Spec)
		want                      []string
	}{
		"rate":          {"by value", "39.0.7", "traefik:v3.6.13", "tracing:\n  sampleRate: 0.1\n", nil, nil, []string{begin + "tracing.sampleRate 0.1 becomes 1"}},
		"rate by flag":  {"by argument", "39.0.7", "traefik:v3.6.13", "additionalArguments:\n- --tracing.sampleRate=0.1\n", nil, nil, []string{begin + "--tracing.samplerate 0.1 becomes 1"}},
		"rate below":    {"in the HelmChart", "39.0.7", "traefik:v3.6.13", "", map[string]any{"tracing": map[string]any{"sampleRate": 0.1}}, nil, []string{begin + "tracing.sampleRate 0.1 becomes 1"}},
		"the same rate": {"nothing is replaced", "39.0.7", "traefik:v3.6.13", "tracing:\n  sampleRate: 0.1\n", nil, func(s *Spec) { s.SampleRate = 0.1 }, nil},
		"v2": {"all settings of an older back end", "27.0.2", "traefik:v2.11.2", "tracing:\n  zipkin:\n    httpEndpoint: http://me:hunter2@old.example:9411/api/v2/spans\n    sameSpan: false\n    sampleRate: 0.5\n", nil, nil,
			[]string{begin + "tracing.zipkin.httpEndpoint http://***@old.example:9411/api/v2/spans becomes http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans, " +
				"tracing.zipkin.sameSpan false becomes true, tracing.zipkin.sampleRate 0.5 becomes 1"}},
		"access log off": {"a switch", "41.3.0", "traefik:v3.7.11", "accessLog:\n  enabled: false\n  format: common\n", nil, nil, []string{begin + "accessLog.enabled false becomes true, accessLog.format common becomes json"}},
		"propagators":    {"a variable", "39.0.7", "traefik:v3.6.13", "env:\n- name: OTEL_PROPAGATORS\n  value: b3\n", nil, nil, []string{begin + "env[OTEL_PROPAGATORS] b3 becomes tracecontext,baggage,b3multi"}},
		"name":           {"by option", "39.0.7", "traefik:v3.6.13", "tracing:\n  serviceName: edge\n", nil, func(s *Spec) { s.ServiceName = "pi" }, []string{begin + "tracing.serviceName edge becomes pi"}},
		"gRPC":           {"gRPC would take precedence", "39.0.7", "traefik:v3.6.13", "tracing:\n  otlp:\n    grpc:\n      enabled: true\n      endpoint: old.example:4317\n", nil, nil, []string{begin + "tracing.otlp.grpc is removed"}},
		"gRPC off":       {"nothing is replaced", "39.0.7", "traefik:v3.6.13", "tracing:\n  otlp:\n    grpc:\n      enabled: false\n", nil, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39(c.own, c.image)
			found.Chart, found.Lower = c.chart+"+up"+c.chart, c.lower
			_, warnings := twice(t, found, c.change)
			require.Equal(t, c.want, warnings, c.reason)
		})
	}
}
