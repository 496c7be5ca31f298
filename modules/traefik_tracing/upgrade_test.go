// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

const abandoned = "Release status is 'failed' and failure policy is 'abort'; waiting for operator intervention"

func TestStateOfTheUpgrade(t *testing.T) {
	well, looping := helmjob.Job{State: helmjob.Complete}, helmjob.Job{State: helmjob.Active, Reason: "UPGRADE FAILED: boom"}
	left := helmjob.Job{State: helmjob.Active, Reason: abandoned}
	deployed, failed := helm.Release{Status: helm.Deployed}, helm.Release{Status: helm.Failed, Description: "Upgrade failed: boom"}
	forbidden := errors.New("forbidden")
	cases := map[string]struct {
		reason  string
		job     helmjob.Job
		err     error
		release *releaseRead
		want    upgradeState
		because string
	}{
		"well":                {"the release is not read", well, nil, nil, upgradeNone, ""},
		"well, deployed":      {"under retry the release is read", well, nil, &releaseRead{newest: deployed}, upgradeNone, ""},
		"well, failed":        {"under retry a job succeeds all the same", well, nil, &releaseRead{newest: failed}, upgradeFailed, "Upgrade failed: boom"},
		"looping":             {"the chart refuses the values", looping, nil, &releaseRead{newest: deployed}, upgradeFailing, "UPGRADE FAILED: boom"},
		"failed":              {"the job's message says more", left, nil, &releaseRead{newest: failed}, upgradeFailed, abandoned},
		"failed, denied":      {"the job's message counts", left, nil, &releaseRead{err: forbidden}, upgradeFailed, abandoned},
		"failed, pod to come": {"under abort the next job has not ended yet", helmjob.Job{State: helmjob.Active}, nil, &releaseRead{newest: failed}, upgradeFailed, "Upgrade failed: boom"},
		"looping, denied":     {"the release may be fine", looping, nil, &releaseRead{err: forbidden}, upgradeFailing, "UPGRADE FAILED: boom"},
		"job may not be read": {"the state is unknown", helmjob.Job{}, forbidden, nil, upgradeUnknown, "forbidden"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state, reason := upgradeStateOf(c.job, c.err, c.release)
			require.Equal(t, c.want, state, c.reason)
			require.Equal(t, c.because, reason, c.reason)
		})
	}
}

// The pod of the next Job may not have ended yet, or may be between two starts.
func TestWhenTheReleaseIsRead(t *testing.T) {
	const failed = "UPGRADE FAILED: boom"
	cases := map[string]struct {
		reason, policy string
		job            helmjob.Job
		want           bool
	}{
		"abort, well":          {"the job's outcome is enough", "abort", helmjob.Job{State: helmjob.Complete}, false},
		"abort, pod runs":      {"it may be about to leave a failed release alone", "abort", helmjob.Job{State: helmjob.Active}, true},
		"abort, held":          {"the same", "abort", helmjob.Job{State: helmjob.Suspended}, true},
		"abort, being made":    {"the same", "abort", helmjob.Job{State: helmjob.Absent}, true},
		"abort, failed":        {"abandoned or retried", "abort", helmjob.Job{State: helmjob.Active, Reason: failed}, true},
		"retry, well":          {"a job succeeds even if the upgrade failed", "retry", helmjob.Job{State: helmjob.Complete}, true},
		"reinstall, pod runs":  {"a failed release is removed automatically", "reinstall", helmjob.Job{State: helmjob.Active}, false},
		"reinstall, failed":    {"the release may be fine", "reinstall", helmjob.Job{State: helmjob.Active, Reason: failed}, true},
		"of the cluster, well": {"the same as above", "", helmjob.Job{State: helmjob.Complete}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, releaseTells(c.job, c.policy), c.reason) })
	}
}

// A release that failed once is never upgraded again under failurePolicy abort.
func TestFailedReleaseIsReported(t *testing.T) {
	last := upgrade{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Active}, state: upgradeFailed, reason: abandoned}
	lastRetry, lastReinstall := last, last
	lastRetry.retry, lastRetry.known, lastReinstall.known = true, true, true
	cases := map[string]struct {
		reason string
		last   upgrade
		want   string
	}{
		"well":      {"nothing to report", upgrade{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Complete}}, ""},
		"retry":     {"the newer controllers", lastRetry, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it, neither for new values nor with k3s. Fix what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again. The job helm-install-traefik: " + abandoned},
		"reinstall": {"the older ones", lastReinstall, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it, neither for new values nor with k3s. Fix what it failed at, then run once with failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile. The job helm-install-traefik: " + abandoned},
		"looping":   {"values that the chart refuses", upgrade{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Active}, state: upgradeFailing, reason: "UPGRADE FAILED: boom"}, "HelmChartConfig kube-system/traefik: the job helm-install-traefik fails, and Traefik still runs with the previous values: UPGRADE FAILED: boom"},
		"unknown":   {"jobs cannot be read", upgrade{state: upgradeUnknown, reason: "forbidden"}, "HelmChartConfig kube-system/traefik: it is not known whether the last upgrade succeeded: forbidden"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			proposal, _ := twice(t, chart39("", "traefik:v3.6.13"), func(s *Spec) { s.Wait = false })
			found := chart39(proposal.Text, "traefik:v3.6.13")
			found.Record, found.FailurePolicy, found.upgrade = proposal.Record, "abort", c.last
			steps, err := planned(asked(func(s *Spec) { s.Wait = false }), found)
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

// With the policy retry a Job succeeds although the upgrade failed: it is
// repeated if the task asks for that policy, and reported if it does not.
func TestFailedReleaseUnderRetry(t *testing.T) {
	proposal, _ := twice(t, chart39("", "traefik:v3.6.13"), func(s *Spec) { s.FailurePolicy = "retry" })
	found := chart39(proposal.Text, "traefik:v3.6.13")
	found.Record, found.FailurePolicy = proposal.Record, "retry"
	found.Workload.Args = []string{"--tracing.otlp=true", "--tracing.otlp.http=true", "--tracing.sampleRate=1",
		"--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces", "--accesslog=true", "--accesslog.format=json",
		"--accesslog.fields.defaultmode=keep", "--accesslog.fields.headers.defaultmode=drop", "--accesslog.fields.headers.names.X-B3-Traceid=keep"}
	found.Workload.Env = map[string]string{traefikchart.PropagatorsVariable: "tracecontext,baggage,b3multi"}
	found.upgrade = upgrade{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Complete}, state: upgradeFailed, reason: "Upgrade \"traefik\" failed: boom", retry: true, known: true}

	steps, err := planned(asked(func(s *Spec) { s.FailurePolicy = "retry" }), found)
	require.NoError(t, err)
	require.Equal(t, []string{"update job/kube-system/helm-install-traefik"}, steps.Paths())
	require.Len(t, steps.Changes, 2, "the run waits for its end")

	just := found
	just.upgrade.job.Ended = time.Now()
	steps, err = planned(asked(func(s *Spec) { s.FailurePolicy = "retry" }), just)
	require.NoError(t, err)
	require.Empty(t, steps.Changes, "the controller starts the next job by itself")

	steps, err = planned(asked(nil), found)
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
		"deployed":    {"nothing failed", []helm.Release{deployed}, deployed},
		"failed":      {"over one that is in force", []helm.Release{failed, deployed}, failed},
		"tried again": {"the previous revision counts", []helm.Release{working, failed, deployed}, failed},
		"at work":     {"no revision has ended", []helm.Release{working}, helm.Release{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, ended(c.releases), c.reason) })
	}
}

// A change that would not be applied is not written; one that repairs is.
func TestChangeOfAFailedRelease(t *testing.T) {
	failed := upgrade{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Active}, state: upgradeFailed, reason: abandoned, retry: true, known: true}
	old := failed
	old.retry = false
	unsure := failed
	unsure.retry, unsure.known = false, false
	cases := map[string]struct {
		reason, policy string
		last           upgrade
		fails, hint    string
	}{
		"by default":       {"abort stays", "", failed, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it; nothing was changed. The job helm-install-traefik: " + abandoned, "fix what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again"},
		"nobody knows":     {"both ways out are given", "", unsure, "HelmChartConfig kube-system/traefik: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it; nothing was changed. The job helm-install-traefik: " + abandoned, "fix what it failed at, then run once with failure_policy: retry, by which the Helm controller upgrades it again, or, if this k3s does not know retry, with failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile"},
		"retry":            {"it recovers", "retry", failed, "", ""},
		"reinstall":        {"it recovers", "reinstall", old, "", ""},
		"retry, too old":   {"an option without effect", "retry", old, "HelmChartConfig kube-system/traefik: the Helm controller of this k3s does not know the failure policy retry", "leave failure_policy out, or upgrade k3s"},
		"retry, not known": {"the API server may support it", "retry", unsure, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39("", "traefik:v3.6.13")
			found.FailurePolicy, found.upgrade = "abort", c.last
			steps, err := planned(asked(func(s *Spec) { s.FailurePolicy = c.policy }), found)
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
