// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// The failure policies of the Helm controller.
const (
	policyAbort = "abort"
	policyRetry = "retry"
)

// lastJob is what the Helm controller's last job for a HelmChart came to.
type lastJob struct {
	job
	// unknown is why it could not be read.
	unknown error
	// halted is whether the release is failed: under failurePolicy abort the
	// controller then upgrades it no more, whatever the values say, and under retry
	// not until they change (k3s-io/klipper-helm, entry, helm_update).
	halted bool
	// retry is whether this cluster's HelmChartConfig takes the policy retry; it is
	// known where the API server describes the kind.
	retry, known bool
}

// outcome reads it. A job that went well costs one request, under retry one more,
// since there a job that failed ends well too and the next one begins.
func (m *Module) outcome(ctx context.Context, args Args, found Found) lastJob {
	var last lastJob
	if found.Method != methodConfig {
		return last
	}
	last.job, last.unknown = m.job(ctx, found)
	if last.failed != "" || last.unknown == nil && found.FailurePolicy == policyRetry {
		last = m.halted(ctx, found, last)
	}
	if last.halted || args.FailurePolicy == policyRetry && found.FailurePolicy != policyRetry {
		last = m.remedies(ctx, last)
	}
	return last
}

// remedies adds which failure policies there are.
func (m *Module) remedies(ctx context.Context, last lastJob) lastJob {
	policies, known := m.charts.FailurePolicies(ctx)
	last.retry, last.known = slices.Contains(policies, policyRetry), known
	return last
}

// operator is how the job's container ends when it leaves a failed release alone.
const operator = "waiting for operator intervention"

// halted looks at the release, or takes the job's word where that may not be
// read.
func (m *Module) halted(ctx context.Context, found Found, last lastJob) lastJob {
	newest, err := m.newest(ctx, found.releaseNamespace(), found.releaseName())
	last.halted = newest.Status == helm.Failed || err != nil && strings.HasSuffix(last.failed, operator)
	if last.halted && last.failed == "" {
		last.failed = newest.Description
	}
	return last
}

// exit is the way out of a halted release.
func (j lastJob) exit() string {
	const again = "failure_policy: retry, by which the Helm controller upgrades it again"
	const anew = "failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile"
	switch {
	case j.retry:
		return "run once with " + again
	case j.known:
		return "run once with " + anew
	}
	return "run once with " + again + ", or, where this k3s does not know retry, with " + anew
}

// refuse stops a change that the Helm controller would not carry out.
func (j lastJob) refuse(found Found, wanted draft) error {
	if wanted.FailurePolicy == policyRetry && found.FailurePolicy != policyRetry && j.known && !j.retry {
		return fault.New(fault.Unsupported, "leave failure_policy out, or upgrade k3s",
			"%s: the Helm controller of this k3s does not know the failure policy retry", found)
	}
	if !j.halted || wanted.FailurePolicy != policyAbort {
		return nil
	}
	return fault.New(fault.Conflict, "put right what it failed at, then "+j.exit(),
		"%s: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more; nothing was changed. The job %s: %s",
		found, j.name, j.failed)
}

// stalls reports whether a failed release waits for a change that nobody makes,
// although the task names the policy that heals it: the controller has had its time
// for the next job.
func (j lastJob) stalls(asked string) bool {
	return j.halted && j.complete && time.Since(j.ended) > silent && asked == policyRetry
}

// warn tells of a failed job where there is nothing to change.
func (j lastJob) warn(steps *plan.Plan, found Found) {
	switch {
	case j.unknown != nil:
		steps.Warn("%s: it is not known whether the last upgrade succeeded: %v", found, j.unknown)
	case j.halted && found.FailurePolicy == policyAbort:
		steps.Warn("%s: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more, neither for new values nor with k3s. "+
			"Put right what it failed at, then %s. The job %s: %s", found, j.exit(), j.name, j.failed)
	case j.halted:
		steps.Warn("%s: the release is failed: %s", found, j.failed)
	case j.failed != "":
		steps.Warn("%s: the job %s fails, and Traefik runs with the values of before: %s", found, j.name, j.failed)
	}
}

// explained adds the way out to the error of a job that has left the release
// failed.
func (m *Module) explained(ctx context.Context, a awaiting, j job, err error) error {
	if a.policy != policyAbort {
		return err
	}
	last := m.halted(ctx, a.found, lastJob{job: j})
	if !last.halted {
		return err
	}
	return fault.New(fault.KindOf(err), "put right what it failed at ("+fault.HintOf(err)+"), then "+m.remedies(ctx, last).exit(), "%s", err.Error())
}

// upgraded is an error where the job ended well and the release is failed all the
// same, as happens under failurePolicy retry.
func (m *Module) upgraded(ctx context.Context, a awaiting, j job) error {
	if a.found.Method != methodConfig || a.policy != policyRetry {
		return nil
	}
	last := m.halted(ctx, a.found, lastJob{job: j})
	if !last.halted {
		return nil
	}
	return a.failed(last.job)
}
