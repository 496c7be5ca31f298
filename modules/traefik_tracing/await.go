// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// await waits for the controller's job and the pods, and proves by the
// container's arguments that the settings have arrived.
func (m *Module) await(ctx context.Context, a awaiting) error {
	begun, nudged, last, looking := time.Now(), false, job{}, m.clients.Rollout()
	return wait.Until(ctx, a.found.Workload.String(), time.Second, func(ctx context.Context) (bool, string, error) {
		v, err := m.look(ctx, a)
		if err != nil {
			return false, "", err
		}
		if v.job != last { // other values of the user's may have a job of their own before ours
			begun, last = time.Now(), v.job
		}
		v.since = time.Since(begun)
		if v.idle() && v.since > settle {
			v.newer = m.carried(ctx, a.found)
		}
		switch v.remedy(nudged) {
		case free:
			return false, "the Helm controller has forgotten its job " + v.job.name, m.free(ctx, a.found, v.job)
		case nudge:
			nudged = true
			return false, "asking the Helm controller once more", m.nudge(ctx, a.found)
		case none:
		}
		if text, err := m.hindered(ctx, looking, a.found, v); text != "" || err != nil {
			return false, text, err
		}
		done, state, err := a.judge(v)
		switch {
		case err != nil && v.job.failed != "":
			err = m.explained(ctx, a, v.job, err)
		case done:
			err = m.upgraded(ctx, a, v.job)
		}
		return done, state, err
	})
}

// view is what await sees at one moment. Since is how long the job looks so.
type view struct {
	job   job
	newer bool
	now   Workload
	since time.Duration
}

// idle reports whether the controller has not begun to work on the change.
func (v view) idle() bool { return v.job.complete && !v.newer }

// look reads the job, which a Helm release has not, and the workload.
func (m *Module) look(ctx context.Context, a awaiting) (v view, err error) {
	v.job, v.newer = job{complete: true}, true
	if a.found.Method == methodConfig {
		if v.job, err = m.job(ctx, a.found); err != nil {
			return v, err
		}
		v.newer = m.jobBefore == "" || v.job.hash != m.jobBefore
	}
	v.now, err = m.reload(ctx, a.found.Workload)
	return v, err
}

// carried reports whether the release has the values already, so that there is
// nothing for the controller to begin: so it is when they were changed and
// changed back before it looked.
func (m *Module) carried(ctx context.Context, found Found) bool {
	config, err := m.charts.Config(ctx, found.Namespace, found.Name)
	if err != nil {
		return false
	}
	found.Text, found.Higher = "", nil
	if config != nil {
		found.Text, found.Higher = config.Spec.ValuesContent, config.Spec.Values
	}
	own, err := found.values()
	if err != nil {
		return false
	}
	wanted, err := found.effective(own)
	if err != nil {
		return false
	}
	found, err = m.installed(ctx, found)
	return err == nil && reflect.DeepEqual(wanted, found.release.Values)
}

// judge says whether it is done, what is still missing, or why it will not be.
func (a awaiting) judge(v view) (bool, string, error) {
	if v.now.Name == "" {
		return false, a.found.Workload.String() + " is not there", nil
	}
	if v.newer && v.job.failed != "" {
		return false, "", a.failed(v.job)
	}
	faults := a.missing(v.now.Args, v.now.Env)
	switch {
	case v.idle() && v.since > silent:
		return false, "", a.unheard(v.job)
	case !v.job.complete || v.idle():
		return false, v.job.String(), nil
	case len(faults) > 0 && v.since > settle:
		return false, "", a.lost(faults, v.now)
	case len(faults) > 0:
		return false, strings.Join(faults, ", "), nil
	case !v.now.RolledOut:
		return false, v.now.String() + " is being rolled out", nil
	}
	return true, "", nil
}

func (a awaiting) failed(j job) error {
	return fault.New(fault.Rejected, "look at it with: kubectl logs -n "+a.found.Namespace+" job/"+j.name,
		"upgrade Traefik by %s: the job %s failed: %s", a.found, j.name, j.failed)
}

// unheard is the verdict on a controller that does not act.
func (a awaiting) unheard(j job) error {
	return fault.New(fault.Timeout, "look whether k3s' Helm controller runs (k3s server --disable-helm-controller turns it off)",
		"upgrade Traefik by %s: the Helm controller begins no new job %s", a.found, j.name)
}

// lost is the verdict on settings that were written and did not arrive.
func (a awaiting) lost(faults []string, now Workload) error {
	return fault.New(fault.Unsupported,
		"the chart ignores these values, or others that win over them are set elsewhere (spec.set, valuesSecrets, another tool)",
		"%s runs without the settings of %s: %s", now, a.found, strings.Join(faults, ", "))
}
