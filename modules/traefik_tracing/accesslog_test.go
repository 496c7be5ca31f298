// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnobservedEntryPointsAreNamed(t *testing.T) {
	const otlp = "the lines of the access log do not reach the log of Traefik's pods (--accesslog.otlp without --accesslog.dualOutput=true)"
	cases := map[string]struct {
		reason string
		args   []string
		change func(*Spec)
		want   []string
	}{
		"spans":         {"one entry point", []string{"--entryPoints.web.address=:8000/tcp", "--entryPoints.web.observability.tracing=false"}, nil, []string{"entry point web opens no spans (--entryPoints.web.observability.tracing=false)"}},
		"both of two":   {"each by name", []string{"--entrypoints.web.observability.accesslogs=false", "--entryPoints.websecure.observability.tracing=False"}, nil, []string{"entry point web writes no access log (--entrypoints.web.observability.accesslogs=false)", "entry point websecure opens no spans (--entryPoints.websecure.observability.tracing=False)"}},
		"on":            {"said, and it is so", []string{"--entryPoints.web.observability.tracing=true", "--entryPoints.web.observability.metrics=false"}, nil, nil},
		"last wins":     {"an argument after the chart's", []string{"--entryPoints.web.observability.tracing=false", "--entrypoints.WEB.observability.tracing=true"}, nil, nil},
		"no log wanted": {"only spans count", []string{"--entryPoints.web.observability.accessLogs=false", "--accesslog.otlp=true"}, func(s *Spec) { s.AccessLog = false }, nil},
		"otlp":          {"standard output is silent", []string{"--accesslog=true", "--accesslog.otlp=true"}, nil, []string{otlp}},
		"otlp by part":  {"any part switches it on", []string{"--accesslog.otlp.http.endpoint=http://x"}, nil, []string{otlp}},
		"both outputs":  {"since Traefik 3.7", []string{"--accesslog.otlp=true", "--accesslog.dualOutput=true"}, nil, nil},
		"one output":    {"said so", []string{"--accesslog.otlp=true", "--accesslog.dualOutput=false"}, nil, []string{otlp}},
		"otlp off":      {"it is not on", []string{"--accesslog.otlp=false"}, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, target{Spec: asked(c.change)}.unobserved(c.args), c.reason)
		})
	}
}

// The warning comes with a change, from what the chart renders, and with every
// later run, from what Traefik runs with.
func TestWarningOfUnobservedEntryPoints(t *testing.T) {
	args := []string{"--entryPoints.web.observability.tracing=false"}
	warning := "HelmChartConfig kube-system/traefik: entry point web opens no spans (--entryPoints.web.observability.tracing=false)"
	found := chart39("additionalArguments:\n- --entryPoints.web.observability.tracing=false\n", "traefik:v3.6.13")
	found.Proposal.dryRun = dryRun{done: true, args: append(args, "--tracing.otlp=true", "--tracing.otlp.http=true", "--tracing.sampleRate=1",
		"--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces", "--accesslog=true", "--accesslog.format=json",
		"--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"),
		env: map[string]string{propagatorsVariable: "tracecontext,baggage,b3multi"}}
	steps, err := planned(asked(nil), found)
	require.NoError(t, err)
	require.Contains(t, steps.Warnings, warning)

	proposal, _ := twice(t, chart39(found.Text, "traefik:v3.6.13"), nil)
	found.Text, found.Record, found.FailurePolicy = proposal.Text, proposal.Record, proposal.FailurePolicy
	found.Workload.Args, found.Workload.Env = found.Proposal.dryRun.args, found.Proposal.dryRun.env
	found.Proposal.dryRun = dryRun{}
	steps, err = planned(asked(nil), found)
	require.NoError(t, err)
	require.Empty(t, steps.Changes)
	require.Equal(t, []string{warning}, steps.Warnings)
}
