// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/plan"
)

// The failure policies of the Helm controller.
const (
	policyAbort = "abort"
	policyRetry = "retry"
)

// handedOver is how the job's container ends when it leaves a failed release alone.
const handedOver = "waiting for operator intervention"

// releaseRead is the newest revision of the release, where it was asked for.
type releaseRead struct {
	newest helm.Release
	err    error
}

// upgradeStateOf decides the state from the job and, where it was read, from the
// release. The job's word counts where the release may not be read.
func upgradeStateOf(j helmjob.Job, err error, release *releaseRead) (state upgradeState, reason string) {
	if err != nil {
		return upgradeUnknown, err.Error()
	}
	failed := release != nil && (release.newest.Status == helm.Failed || release.err != nil && strings.HasSuffix(j.Reason, handedOver))
	switch {
	case failed && j.Reason == "":
		return upgradeFailed, release.newest.Description
	case failed:
		return upgradeFailed, j.Reason
	case j.Reason != "":
		return upgradeFailing, j.Reason
	}
	return upgradeNone, ""
}

// lastUpgrade reads it. A job that went well costs one request, and where the
// release has to be asked, one more.
func (r reader) lastUpgrade(ctx context.Context, spec Spec, status Status) (last upgrade) {
	if status.Method != methodConfig {
		return last
	}
	found, err := helmjob.Read(ctx, r.cluster, status.Namespace, status.Name)
	if err == nil && releaseTells(found, status.FailurePolicy) {
		last = r.upgradeOf(ctx, status, found)
	} else {
		last.job = found
		last.state, last.reason = upgradeStateOf(found, err, nil)
	}
	if last.state == upgradeFailed || spec.FailurePolicy == policyRetry && status.FailurePolicy != policyRetry {
		last.retry, last.known = r.knowsRetry(ctx)
	}
	return last
}

// releaseTells reports whether the job alone does not tell how it went. Under retry a job that
// failed ends well too, and the next one begins. Under abort the next job leaves a
// failed release alone, and says so only when its pod has ended.
func releaseTells(j helmjob.Job, policy string) bool {
	switch policy {
	case policyRetry:
		return true
	case policyAbort:
		return j.State != helmjob.Complete
	}
	return j.Reason != ""
}

// upgradeOf judges a job with the release that it worked on.
func (r reader) upgradeOf(ctx context.Context, status Status, of helmjob.Job) upgrade {
	newest, err := r.newest(ctx, status.releaseNamespace(), status.releaseName())
	last := upgrade{job: of}
	last.state, last.reason = upgradeStateOf(of, nil, &releaseRead{newest, err})
	return last
}

// knowsRetry reports whether the controller knows that failure policy, and
// whether that is known.
func (r reader) knowsRetry(ctx context.Context) (retry, known bool) {
	policies, known := r.charts.FailurePolicies(ctx)
	return slices.Contains(policies, policyRetry), known
}

// wayOut is how a failed release is upgraded again.
func (u upgrade) wayOut() string {
	const again = "failure_policy: retry, by which the Helm controller upgrades it again"
	const anew = "failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile"
	switch {
	case u.retry:
		return "run once with " + again
	case u.known:
		return "run once with " + anew
	}
	return "run once with " + again + ", or, if this k3s does not know retry, with " + anew
}

// refuse stops a change that the Helm controller would not carry out.
func (u upgrade) refuse(status Status, policy string) error {
	if policy == policyRetry && status.FailurePolicy != policyRetry && u.known && !u.retry {
		return fault.New(fault.Unsupported, "leave failure_policy out, or upgrade k3s",
			"%s: the Helm controller of this k3s does not know the failure policy retry", status)
	}
	if u.state != upgradeFailed || policy != policyAbort {
		return nil
	}
	return fault.New(fault.Conflict, "fix what it failed at, then "+u.wayOut(),
		"%s: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it; nothing was changed. The job %s: %s",
		status, u.job.Name, u.reason)
}

// stalled reports whether a failed release waits for a change that nobody makes,
// although the task names the policy that repairs it: the controller has had its time
// for the next job.
func (u upgrade) stalled(policy string) bool {
	return u.state == upgradeFailed && u.job.State == helmjob.Complete && time.Since(u.job.Ended) > idleAfter && policy == policyRetry
}

// warn tells of a failed upgrade where there is nothing to change.
func (u upgrade) warn(p *plan.Plan, status Status) {
	switch {
	case u.state == upgradeUnknown:
		p.Warn("%s: it is not known whether the last upgrade succeeded: %s", status, u.reason)
	case u.state == upgradeFailed && status.FailurePolicy == policyAbort:
		p.Warn("%s: the release is failed, and under failurePolicy abort the Helm controller no longer upgrades it, neither for new values nor with k3s. "+
			"Fix what it failed at, then %s. The job %s: %s", status, u.wayOut(), u.job.Name, u.reason)
	case u.state == upgradeFailed:
		p.Warn("%s: the release is failed: %s", status, u.reason)
	case u.state == upgradeFailing:
		p.Warn("%s: the job %s fails, and Traefik still runs with the previous values: %s", status, u.job.Name, u.reason)
	}
}
