// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"slices"
	"strings"

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
	// halted is whether the release is failed, so that under failurePolicy abort the
	// controller upgrades it no more, whatever the values say
	// (k3s-io/klipper-helm, entry, helm_update).
	halted bool
	// retry is whether this cluster's HelmChartConfig takes the policy retry; it is
	// known where the API server describes the kind.
	retry, known bool
}

// outcome reads it. A job that went well costs one request.
func (m *Module) outcome(ctx context.Context, args Args, found Found) lastJob {
	var last lastJob
	if found.Method != methodConfig {
		return last
	}
	if last.job, last.unknown = m.job(ctx, found); last.failed != "" {
		last.halted = m.halted(ctx, found, last.failed)
	}
	if last.halted || args.FailurePolicy == policyRetry && found.FailurePolicy != policyRetry {
		policies, known := m.charts.FailurePolicies(ctx)
		last.retry, last.known = slices.Contains(policies, policyRetry), known
	}
	return last
}

// operator is how the job's container ends when it leaves a failed release alone.
const operator = "waiting for operator intervention"

func (m *Module) halted(ctx context.Context, found Found, word string) bool {
	newest, err := m.newest(ctx, found.releaseNamespace(), found.releaseName())
	if err != nil {
		return strings.HasSuffix(word, operator)
	}
	return newest == helm.Failed
}

// exit is the way out of a halted release.
func (j lastJob) exit() string {
	again := "run once with failure_policy: retry, by which the Helm controller upgrades it again"
	anew := "run once with failure_policy: reinstall, by which the Helm controller uninstalls Traefik and installs it again: its ingress is down meanwhile"
	switch {
	case j.retry:
		return again
	case j.known:
		return anew
	}
	return again + ", or, where this k3s does not know retry, " + anew[len("run once "):]
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

// warn tells of a failed job where there is nothing to change.
func (j lastJob) warn(steps *plan.Plan, found Found) {
	switch {
	case j.unknown != nil:
		steps.Warn("%s: it is not known whether the last upgrade succeeded: %v", found, j.unknown)
	case j.halted && found.FailurePolicy == policyAbort:
		steps.Warn("%s: the release is failed, and under failurePolicy abort the Helm controller does not upgrade it any more, neither for new values nor with k3s. "+
			"Put right what it failed at, then %s. The job %s: %s", found, j.exit(), j.name, j.failed)
	case j.failed != "":
		steps.Warn("%s: the job %s fails, and Traefik runs with the values of before: %s", found, j.name, j.failed)
	}
}

// explained adds the way out to the error of a job that has left the release
// failed.
func (m *Module) explained(ctx context.Context, a awaiting, j job, err error) error {
	if a.policy != policyAbort || !m.halted(ctx, a.found, j.failed) {
		return err
	}
	last := lastJob{job: j, halted: true}
	policies, known := m.charts.FailurePolicies(ctx)
	last.retry, last.known = slices.Contains(policies, policyRetry), known
	return fault.New(fault.KindOf(err), "put right what it failed at ("+fault.HintOf(err)+"), then "+last.exit(), "%s", err.Error())
}
