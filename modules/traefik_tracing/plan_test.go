// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// chart39 is the Traefik of k3s 1.35 with the user's values.
func chart39(own, image string) Status {
	return Status{Method: methodConfig, Name: "traefik", Namespace: "kube-system", Chart: "39.0.701+up39.0.7", Text: own, Exists: true,
		Workload: traefikfind.Workload{Kind: "Deployment", Namespace: "kube-system", Name: "traefik", Image: image, RolledOut: true}}
}

func TestWarnings(t *testing.T) {
	const waitless = "HelmChartConfig kube-system/traefik: it is not known whether the settings arrive, since wait is false"
	cases := map[string]struct {
		reason string
		found  Status
		change func(*Spec)
		want   []string
	}{
		"none":     {"a version that is known", chart39("", "traefik:v3.6.13"), nil, nil},
		"floating": {"a tag that moves", chart39("", "traefik:v3.6"), nil, []string{"the image tag of Traefik names no exact version; it is assumed to be the newest of its line, 3.6.x"}},
		"no ID": {"links from logs do not work", chart39("", "traefik:v3.3.2"), func(s *Spec) { s.WithoutTraceID = true },
			[]string{"Traefik 3.3.2 writes no trace ID into its access log: links from logs to traces do not work until v3.3.3"}},
		"comments": {"comments of replaced values are lost", chart39("tracing:\n  otlp:\n    grpc: # beside\n      # the old collector\n      endpoint: collector:4317\n", "traefik:v3.6.13"), nil,
			[]string{"comments in the values of HelmChartConfig kube-system/traefik are lost: # beside # the old collector",
				"HelmChartConfig kube-system/traefik: your settings are replaced until state: absent restores them: tracing.otlp.grpc is removed"}},
		"no wait": {"nothing verifies it", chart39("", "traefik:v3.6.13"), func(s *Spec) { s.Wait = false }, []string{waitless}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			steps, err := planned(asked(c.change), c.found)
			require.NoError(t, err)
			require.Equal(t, c.want, steps.Warnings, c.reason)
		})
	}
}

func TestMissingTraefikIsAWarningIfOptional(t *testing.T) {
	none := Status{Missing: traefikfind.ErrNone}
	steps, err := (&client{}).Plan(asked(nil), none)
	require.NoError(t, err)
	require.Empty(t, steps.Changes)
	require.Equal(t, []string{"there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart: no request starts a trace until it is installed; set traefik_enabled: false if that is intended"}, steps.Warnings)
	require.Equal(t, map[string]any{"missing": traefikfind.ErrNone.Error()}, (&client{}).Result(asked(nil), none))

	steps, err = (&client{}).Plan(asked(func(s *Spec) { s.State = "absent" }), none)
	require.NoError(t, err)
	require.Empty(t, steps.Warnings, "nothing was requested")
}

func TestWarningOfValuesThatTheChartNoLongerReads(t *testing.T) {
	found := chart39("logs:\n  general:\n    level: WARN\n", "traefik:v3.7.11")
	found.Chart = "41.4.2+up41.4.0"
	steps, err := planned(asked(nil), found)
	require.NoError(t, err)
	require.Equal(t, []string{"HelmChartConfig kube-system/traefik: chart 41.4.2+up41.4.0 no longer reads the values under logs: use log and accessLog"}, steps.Warnings)
}

// The default policy, reinstall, uninstalls Traefik if an upgrade fails.
func TestFailurePolicy(t *testing.T) {
	cases := map[string]struct {
		reason, existing, asked, want string
	}{
		"default":   {"the cluster's default", "reinstall", "", "abort"},
		"nothing":   {"there is no HelmChartConfig yet", "", "", "abort"},
		"retry":     {"harmless, so the user's choice is kept", "retry", "", "retry"},
		"abort":     {"unchanged", "abort", "", "abort"},
		"by option": {"the option takes precedence", "retry", "reinstall", "reinstall"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39("", "traefik:v3.6.13")
			found.FailurePolicy = c.existing
			proposal := found.proposal(asked(func(s *Spec) { s.FailurePolicy = c.asked }))
			require.NoError(t, proposal.Err)
			require.Equal(t, c.want, proposal.FailurePolicy, c.reason)
			require.Equal(t, c.want, proposal.patch("1")["spec"].(map[string]any)["failurePolicy"])
		})
	}
}

// A line of the access log cannot be checked if there is none.
func TestProbeNeedsTheAccessLog(t *testing.T) {
	for name, args := range map[string]Args{
		"no access log": {State: "present", IngressHost: "app.example", Wait: true},
		"no wait":       {State: "present", IngressURL: "http://10.0.0.11", Config: traefikchart.Config{AccessLog: true}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Module{}.Spec(args)
			require.EqualError(t, err, "ingress_host asks for a line of the access log, which needs access_log: true and wait: true")
		})
	}
	_, err := Module{}.Spec(Args{State: "absent", IngressHost: "app.example"})
	require.NoError(t, err, "nothing is required when the settings are removed")
}
