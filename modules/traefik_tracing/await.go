// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wait"
)

// settle is how long the controller has to begin a new job after a change. It
// begins within a second; a job that is still the old one after this time is
// taken for the answer.
const settle = 15 * time.Second

// await waits for the controller's job and the pods, and proves by the
// container's arguments that the settings have arrived.
func (m *Module) await(ctx context.Context, a awaiting) error {
	begun := time.Now()
	return wait.Until(ctx, a.found.Workload.String(), time.Second, func(ctx context.Context) (bool, string, error) {
		job, err := m.progress(ctx, a.found)
		if err != nil {
			return false, "", err
		}
		now, err := m.reload(ctx, a.found.Workload)
		if err != nil {
			return false, "", err
		}
		return a.judge(job, now, m.jobBefore, time.Since(begun))
	})
}

// progress reads the controller's job; a Helm release has none, its upgrade is
// done when it returns.
func (m *Module) progress(ctx context.Context, found Found) (job, error) {
	if found.Method == methodHelm {
		return job{complete: true}, nil
	}
	return m.job(ctx, found)
}

// judge says whether it is done, what is still missing, or why it will not be.
func (a awaiting) judge(j job, now Workload, before string, since time.Duration) (bool, string, error) {
	if now.Name == "" {
		return false, a.found.Workload.String() + " is not there", nil
	}
	newer := a.found.Method == methodHelm || before == "" || j.hash != before
	if newer && j.failed != "" {
		return false, "", a.failed(j)
	}
	faults := a.missing(now.Args, now.Env)
	ended := j.complete && (newer || since > settle)
	switch {
	case len(faults) == 0 && ended && now.RolledOut:
		return true, "", nil
	case len(faults) == 0 && ended:
		return false, now.String() + " is being rolled out", nil
	case ended && since > settle:
		return false, "", a.lost(faults, now)
	case ended:
		return false, strings.Join(faults, ", "), nil
	}
	return false, fmt.Sprintf("the job %s is at work", j.name), nil
}

func (a awaiting) failed(j job) error {
	return fault.New(fault.Rejected, "look at it with: kubectl logs -n "+a.found.Namespace+" job/"+j.name+"; failurePolicy is "+a.found.FailurePolicy,
		"upgrade Traefik by %s: the job %s failed: %s", a.found, j.name, j.failed)
}

// lost is the verdict on settings that were written and did not arrive.
func (a awaiting) lost(faults []string, now Workload) error {
	return fault.New(fault.Unsupported,
		"the chart ignores these values, or others that win over them are set elsewhere (spec.set, valuesSecrets, another tool)",
		"%s runs without the settings of %s: %s", now, a.found, strings.Join(faults, ", "))
}
