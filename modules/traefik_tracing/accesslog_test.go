// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// The warning comes with a change, from what the chart renders, and on every
// later run, from what Traefik runs with.
func TestWarningOfUnobservedEntryPoints(t *testing.T) {
	args := []string{"--entryPoints.web.observability.tracing=false"}
	warning := "HelmChartConfig kube-system/traefik: entry point web opens no spans (--entryPoints.web.observability.tracing=false)"
	found := chart39("additionalArguments:\n- --entryPoints.web.observability.tracing=false\n", "traefik:v3.6.13")
	found.Proposal.dryRun = dryRun{done: true, args: append(args, "--tracing.otlp=true", "--tracing.otlp.http=true", "--tracing.sampleRate=1",
		"--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces", "--accesslog=true", "--accesslog.format=json",
		"--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"),
		env: map[string]string{traefikchart.PropagatorsVariable: "tracecontext,baggage,b3multi"}}
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
