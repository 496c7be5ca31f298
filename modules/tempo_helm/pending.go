// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// leaseHolder asks who works on a release that is pending.
func (c *client) leaseHolder(ctx context.Context, spec Spec, status *Status) (err error) {
	status.ObservedAt = time.Now()
	if status.Release.Status.Underway() {
		status.LeaseHolder, err = c.cluster.LeaseHolder(ctx, spec.Namespace, spec.lease())
	}
	return err
}

// pending returns why a release that is pending is left alone, nil when it may be
// repaired or is not pending at all.
func (s Status) pending(spec Spec) error {
	release := s.Release
	if !release.Status.Underway() {
		return nil
	}
	state := "release " + spec.Namespace + "/" + spec.Release + " is " + string(release.Status)
	if s.LeaseHolder.Alive {
		return kube.Busy(s.LeaseHolder, state)
	}
	if age := s.ObservedAt.Sub(release.Updated); !s.LeaseHolder.Did(release.Updated) && age < spec.WaitTimeout {
		return fault.New(fault.Conflict, "run again when it is done; when it died, it is repaired by a run after wait_timeout, or now with a smaller wait_timeout",
			"%s for %s: another Helm client seems to work on it", state, age.Round(time.Second))
	}
	if !spec.Recover {
		return fault.New(fault.Conflict, "set recover: true, which marks the revision as failed and upgrades; nothing is uninstalled",
			"%s: the process that worked on it has died", state)
	}
	return nil
}

// warnPending tells what is repaired.
func warnPending(p *plan.Plan, status Status) {
	release := status.Release
	if !release.Status.Underway() {
		return
	}
	p.Warn("release %s was left %s by %s, which died: revision %d is marked as failed and the release is upgraded", release.Name,
		release.Status, cmp.Or(status.LeaseHolder.Name, "a Helm client"), release.Revision)
}
