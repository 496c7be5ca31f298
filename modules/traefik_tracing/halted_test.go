// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

const abandoned = "Release status is 'failed' and failure policy is 'abort'; waiting for operator intervention"

// A release that failed once is never upgraded again under failurePolicy abort.
func TestFailedReleaseIsTold(t *testing.T) {
	failed := job{name: "helm-install-traefik", failed: abandoned}
	cases := map[string]struct {
		reason string
		last   lastJob
		want   string
	}{
		"well":      {"nothing to tell", lastJob{job: job{name: "helm-install-traefik", complete: true}}, ""},
		"retry":     {"the newer controllers", lastJob{job: failed, halted: true, retry: true, known: true}, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more, neither for new values nor with k3s. Put right what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again. The job helm-install-traefik: " + abandoned},
		"reinstall": {"the older ones", lastJob{job: failed, halted: true, known: true}, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more, neither for new values nor with k3s. Put right what it failed at, then run once with failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile. The job helm-install-traefik: " + abandoned},
		"looping":   {"values that the chart refuses", lastJob{job: job{name: "helm-install-traefik", failed: "UPGRADE FAILED: boom"}}, "HelmChartConfig kube-system/traefik: the job helm-install-traefik fails, and Traefik runs with the values of before: UPGRADE FAILED: boom"},
		"unknown":   {"jobs may not be read", lastJob{unknown: errors.New("forbidden")}, "HelmChartConfig kube-system/traefik: it is not known whether the last upgrade succeeded: forbidden"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			drafted, _ := twice(t, chart39("", "traefik:v3.6.13"), func(s *Settings) { s.Wait = false })
			found := chart39(drafted.Text, "traefik:v3.6.13")
			found.Record, found.FailurePolicy, found.last = drafted.Record, "abort", c.last
			steps, err := New().Plan(State{Settings: asked(func(s *Settings) { s.Wait = false })}, State{Found: found})
			require.NoError(t, err)
			require.Empty(t, steps.Changed())
			if c.want == "" {
				require.Empty(t, steps.Warnings, c.reason)
				return
			}
			require.Equal(t, []string{c.want}, steps.Warnings, c.reason)
		})
	}
}

// Under the policy retry a job ends well although the upgrade failed: it is done
// again where the task asks for that policy, and told of where it does not.
func TestFailedReleaseUnderRetry(t *testing.T) {
	drafted, _ := twice(t, chart39("", "traefik:v3.6.13"), func(s *Settings) { s.FailurePolicy = "retry" })
	found := chart39(drafted.Text, "traefik:v3.6.13")
	found.Record, found.FailurePolicy = drafted.Record, "retry"
	found.Workload.Args = []string{"--tracing.otlp=true", "--tracing.otlp.http=true", "--tracing.sampleRate=1",
		"--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces", "--accesslog=true", "--accesslog.format=json",
		"--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"}
	found.Workload.Env = map[string]string{propagatorsVariable: "tracecontext,baggage,b3multi"}
	found.last = lastJob{job: job{name: "helm-install-traefik", complete: true, failed: "Upgrade \"traefik\" failed: boom"}, halted: true, retry: true, known: true}

	steps, err := New().Plan(State{Settings: asked(func(s *Settings) { s.FailurePolicy = "retry" })}, State{Found: found})
	require.NoError(t, err)
	require.Equal(t, []string{"update job/kube-system/helm-install-traefik"}, steps.Paths())
	require.Len(t, steps.Changes, 2, "its end is awaited")

	just := found
	just.last.ended = time.Now()
	steps, err = New().Plan(State{Settings: asked(func(s *Settings) { s.FailurePolicy = "retry" })}, State{Found: just})
	require.NoError(t, err)
	require.Empty(t, steps.Changes, "the controller begins the next job by itself")

	steps, err = New().Plan(State{Settings: asked(nil)}, State{Found: found})
	require.NoError(t, err)
	require.Empty(t, steps.Changes)
	require.Equal(t, []string{"HelmChartConfig kube-system/traefik: the release is failed: Upgrade \"traefik\" failed: boom"}, steps.Warnings)
}

func TestNewestRevisionThatHasEnded(t *testing.T) {
	deployed, failed, working := helm.Release{Revision: 1, Status: helm.Deployed}, helm.Release{Revision: 2, Status: helm.Failed}, helm.Release{Revision: 3, Status: helm.PendingUpgrade}
	cases := map[string]struct {
		reason   string
		releases []helm.Release
		want     helm.Release
	}{
		"none":        {"not installed", nil, helm.Release{}},
		"deployed":    {"all is well", []helm.Release{deployed}, deployed},
		"failed":      {"over one that is in force", []helm.Release{failed, deployed}, failed},
		"tried again": {"the one before tells", []helm.Release{working, failed, deployed}, failed},
		"at work":     {"nothing has ended", []helm.Release{working}, helm.Release{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, ended(c.releases), c.reason) })
	}
}

// A change that would not be carried out is not written, one that heals is.
func TestChangeOfAFailedRelease(t *testing.T) {
	halted := lastJob{job: job{name: "helm-install-traefik", failed: abandoned}, halted: true, retry: true, known: true}
	old := halted
	old.retry = false
	unsure := halted
	unsure.retry, unsure.known = false, false
	cases := map[string]struct {
		reason, policy string
		last           lastJob
		fails, hint    string
	}{
		"by default":       {"abort stays", "", halted, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more; nothing was changed. The job helm-install-traefik: " + abandoned, "put right what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again"},
		"nobody knows":     {"both ways are told", "", unsure, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more; nothing was changed. The job helm-install-traefik: " + abandoned, "put right what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again, or, where this k3s does not know retry, with failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile"},
		"retry":            {"it heals", "retry", halted, "", ""},
		"reinstall":        {"it heals", "reinstall", old, "", ""},
		"retry, too old":   {"an option without effect", "retry", old, "HelmChartConfig kube-system/traefik: the Helm controller of this k3s does not know the failure policy retry", "leave failure_policy out, or upgrade k3s"},
		"retry, not known": {"the API server may know it", "retry", unsure, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39("", "traefik:v3.6.13")
			found.FailurePolicy, found.last = "abort", c.last
			steps, err := New().Plan(State{Settings: asked(func(s *Settings) { s.FailurePolicy = c.policy })}, State{Found: found})
			if c.fails == "" {
				require.NoError(t, err, c.reason)
				require.Len(t, steps.Changed(), 1)
				return
			}
			require.EqualError(t, err, c.fails, c.reason)
			require.Equal(t, c.hint, fault.HintOf(err))
		})
	}
}
