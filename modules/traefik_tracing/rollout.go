// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"reflect"
	"time"

	batch "k8s.io/api/batch/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/traefikfind"
	"github.com/picluster/tracing/modules/internal/wait"
)

// awaitRollout waits for the controller's job and the pods, and proves by the
// container's arguments that the settings have arrived.
func (c *client) awaitRollout(status Status) do {
	return func(ctx context.Context, w writer) error {
		r := &rolloutWait{client: c, writer: w, status: status, looking: c.watch(), begun: time.Now()}
		return wait.Until(ctx, status.Workload.String(), time.Second, r.look)
	}
}

// rolloutWait is one wait for a rollout.
type rolloutWait struct {
	*client
	writer  writer
	status  Status
	looking *rollout.Watcher
	// begun is since when the job has looked as it does, last how it looks; requeued is
	// whether the controller was asked to look again.
	begun    time.Time
	last     helmjob.Job
	requeued bool
}

// look looks once, and helps a controller that has got stuck.
func (r *rolloutWait) look(ctx context.Context) (done bool, state string, err error) {
	seen, err := r.observe(ctx)
	if err != nil {
		return false, "", err
	}
	phase, reason := seen.phase(r.status.Workload, r.status.Proposal.missing, r.requeued)
	switch phase {
	case phaseAbandoned:
		return false, "the Helm controller has abandoned its job " + seen.job.Name, r.writer.deleteJob(ctx, r.status.Namespace, seen.job)
	case phaseMissed:
		r.requeued = true
		return false, "asking the Helm controller once more", r.writer.requeue(ctx, r.status)
	default:
	}
	if text, err := r.obstacle(ctx, seen); text != "" || err != nil {
		return false, text, err
	}
	return r.end(ctx, seen, phase, reason)
}

// observe reads the job, which a Helm release does not have, and the workload.
func (r *rolloutWait) observe(ctx context.Context) (seen progress, err error) {
	seen.job, seen.newer = helmjob.Job{State: helmjob.Complete}, true
	if r.status.Method == methodConfig {
		if seen.job, err = helmjob.Read(ctx, r.cluster, r.status.Namespace, r.status.Name); err != nil {
			return seen, err
		}
		seen.newer = r.jobBefore == "" || seen.job.Hash != r.jobBefore
	}
	if seen.workload, seen.pods, err = traefikfind.Reload(ctx, r.cluster, r.status.Workload); err != nil {
		return seen, err
	}
	if seen.job != r.last { // other values of the user's may have a job of their own before ours
		r.begun, r.last = time.Now(), seen.job
	}
	seen.since = time.Since(r.begun)
	if seen.idle() && seen.since > requeueAfter {
		seen.newer = r.alreadyApplied(ctx)
	}
	return seen, nil
}

// alreadyApplied reports whether the release has the values already, so that there
// is nothing for the controller to start: as when they were changed and
// changed back before it looked.
func (r *rolloutWait) alreadyApplied(ctx context.Context) bool {
	status := r.status
	config, err := r.charts.Config(ctx, status.Namespace, status.Name)
	if err != nil {
		return false
	}
	status.Text, status.Higher = "", nil
	if config != nil {
		status.Text, status.Higher = config.Spec.ValuesContent, config.Spec.Values
	}
	own, err := status.values()
	if err != nil {
		return false
	}
	wanted, err := status.merged(own)
	if err != nil {
		return false
	}
	status, err = r.withRelease(ctx, status)
	return err == nil && reflect.DeepEqual(wanted, status.release.Values)
}

// obstacle says what keeps the pods of the controller's job or of a rollout from
// being made, "" where nothing does. An error means that waiting is pointless.
func (r *rolloutWait) obstacle(ctx context.Context, seen progress) (string, error) {
	namespace := r.status.Namespace
	switch {
	case seen.job.State == helmjob.Active:
		found, err := r.cluster.Job(ctx, namespace, seen.job.Name)
		if err != nil || found == nil || suspended(*found) {
			return "", err
		}
		return r.looking.Obstacle(ctx, namespace, rollout.FromJob(*found))
	case seen.workload.Name == "" || seen.workload.RolledOut || seen.pods.Done():
		return "", nil
	}
	return r.looking.Obstacle(ctx, seen.workload.Namespace, seen.pods)
}

// suspended reports a job that its controller has stopped for a moment, in order to
// replace it: nobody else has.
func suspended(job batch.Job) bool { return job.Spec.Suspend != nil && *job.Spec.Suspend }

// end says whether the wait is over, or why it is pointless.
func (r *rolloutWait) end(ctx context.Context, seen progress, phase phase, reason string) (bool, string, error) {
	switch phase {
	case phaseDone:
		return true, "", r.failedAfterAll(ctx, seen.job)
	case phaseFailed:
		return false, "", r.explained(ctx, seen.job, failed(r.status, seen.job.Name, reason))
	case phaseIdle:
		return false, "", fault.New(fault.Timeout, "check that k3s' Helm controller runs (k3s server --disable-helm-controller turns it off)",
			"upgrade Traefik by %s: the Helm controller starts no new job %s", r.status, seen.job.Name)
	case phaseNotEffective:
		return false, "", fault.New(fault.Unsupported,
			"the chart ignores these values, or others that win over them are set elsewhere (spec.set, valuesSecrets, another tool)",
			"%s runs without the settings of %s: %s", seen.workload, r.status, reason)
	default:
		return false, reason, nil
	}
}

func failed(status Status, job, reason string) error {
	return fault.New(fault.Rejected, "look at it with: kubectl logs -n "+status.Namespace+" job/"+job,
		"upgrade Traefik by %s: the job %s failed: %s", status, job, reason)
}

// explained adds the way out to the error of a job that has left the release
// failed.
func (r *rolloutWait) explained(ctx context.Context, of helmjob.Job, err error) error {
	if r.status.Proposal.FailurePolicy != policyAbort {
		return err
	}
	last := r.upgradeOf(ctx, r.status, of)
	if last.state != upgradeFailed {
		return err
	}
	last.retry, last.known = r.knowsRetry(ctx)
	return fault.New(fault.KindOf(err), "fix what it failed at ("+fault.HintOf(err)+"), then "+last.wayOut(), "%s", err.Error())
}

// failedAfterAll is an error where the job ended well and the release is failed
// anyway, as happens under failurePolicy retry.
func (r *rolloutWait) failedAfterAll(ctx context.Context, of helmjob.Job) error {
	if r.status.Method != methodConfig || r.status.Proposal.FailurePolicy != policyRetry {
		return nil
	}
	last := r.upgradeOf(ctx, r.status, of)
	if last.state != upgradeFailed {
		return nil
	}
	return failed(r.status, of.Name, last.reason)
}
