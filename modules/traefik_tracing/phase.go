// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// The controller starts a new job within a second after a change. If it has not
// after requeueAfter it is asked once more; if it has not after idleAfter
// it is taken to be switched off, so that has to be long enough for a busy host.
const (
	requeueAfter = 15 * time.Second
	idleAfter    = 90 * time.Second
)

// progress is what is seen at one moment of the wait.
type progress struct {
	job helmjob.Job
	// newer is whether the job is that of our change.
	newer    bool
	workload traefikfind.Workload
	// pods is how far the workload's rollout is.
	pods rollout.Workload
	// since is how long the job has looked like this.
	since time.Duration
}

// idle reports whether the controller has not started to work on the change.
func (p progress) idle() bool { return p.job.State == helmjob.Complete && !p.newer }

// phase says in a word where the wait is.
type phase string

const (
	phaseWaiting phase = "waiting"
	// phaseAbandoned: the controller has abandoned its job, which has to be deleted.
	phaseAbandoned phase = "abandoned"
	// phaseMissed: the controller has missed the change, and is asked to look again.
	phaseMissed phase = "missed"
	phaseDone   phase = "done"
	phaseFailed phase = "failed"
	// phaseIdle: no controller acts.
	phaseIdle phase = "idle"
	// phaseNotEffective: the settings were written and have no effect.
	phaseNotEffective phase = "not effective"
)

// phase decides where the wait is, and why. Settings that have not arrived are
// what missing lists.
func (p progress) phase(workload traefikfind.Workload, missing func(args []string, env map[string]string) []string, requeued bool) (phase, string) {
	if phase, reason := p.jobPhase(workload, requeued); phase != "" {
		return phase, reason
	}
	faults, late := strings.Join(missing(p.workload.Args, p.workload.Env), ", "), p.since > requeueAfter
	switch {
	case faults != "" && late:
		return phaseNotEffective, faults
	case faults != "":
		return phaseWaiting, faults
	case !p.workload.RolledOut:
		return phaseWaiting, p.workload.String() + " is being rolled out"
	}
	return phaseDone, ""
}

// abandoned reports a job that nobody will start any more.
func (p progress) abandoned() bool {
	return p.since > requeueAfter && p.job.State == helmjob.Abandoned || p.since > idleAfter && p.job.State == helmjob.Suspended
}

// jobPhase decides while the controller's job runs, "" once it is over.
func (p progress) jobPhase(workload traefikfind.Workload, requeued bool) (phase, string) {
	state, late, overdue := p.job.State, p.since > requeueAfter, p.since > idleAfter
	missed := p.idle() || state == helmjob.Suspended || state == helmjob.Absent
	switch {
	case p.abandoned():
		return phaseAbandoned, ""
	case late && !requeued && missed:
		return phaseMissed, ""
	case p.workload.Name == "":
		return phaseWaiting, workload.String() + " does not exist"
	case p.newer && p.job.Reason != "":
		return phaseFailed, p.job.Reason
	case p.idle() && overdue:
		return phaseIdle, ""
	case state != helmjob.Complete || p.idle():
		return phaseWaiting, p.job.String()
	}
	return "", ""
}
