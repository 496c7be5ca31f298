// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"fmt"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// pending is why a release that Helm left pending is not changed; nil where it is not
// pending, or where it is a run of this module that died: its revision then differs from
// the one before by this module's settings alone, and no run lasts longer than its limit.
func (s Status) pending(spec Spec, at time.Time) error {
	release := s.Release
	if !release.Status.Pending() {
		return nil
	}
	state := fmt.Sprintf("change release %s/%s: revision %d is %s", release.Namespace, release.Name, release.Revision, release.Status)
	back := "roll it back with: helm rollback " + release.Name + " -n " + release.Namespace
	switch {
	case !s.ownRevision():
		return fault.New(fault.Conflict, "wait for it, or "+back, "%s", state)
	case at.Sub(release.Updated) <= spec.Limit:
		return fault.New(fault.Conflict, "run again when it is done; if it died, it is repaired by a run after timeout, or "+back, "%s", state)
	}
	return nil
}

// ownRevision reports whether the revision that is pending changes nothing but this
// module's settings.
func (s Status) ownRevision() bool {
	switch {
	case s.Record == nil:
		return false
	case s.Deployed.Status != helm.Deployed:
		return s.Record.Installed
	}
	return s.Deployed.Chart.ID() == s.Release.Chart.ID() && s.Record.OnlyOurs(values(s.Deployed), values(s.Release))
}

// warnPending says what is repaired.
func warnPending(p *plan.Plan, status Status) {
	if release := status.Release; release.Status.Pending() {
		p.Warn("release %s/%s was left %s by a run that died: revision %d is marked as failed, and the change is made again",
			release.Namespace, release.Name, release.Status, release.Revision)
	}
}
