// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// stuck returns why a release that is underway is left alone, nil when it may be
// repaired or is not underway at all.
func (s State) stuck() error {
	release, args := s.Release, s.args
	if !release.Status.Underway() {
		return nil
	}
	doing := "release " + args.Namespace + "/" + args.Release + " is " + string(release.Status)
	if s.Holder.Alive {
		return kube.Busy(s.Holder, doing)
	}
	if age := s.Read.Sub(release.Updated); !s.Holder.Did(release.Updated) && age < args.WaitTimeout {
		return fault.New(fault.Conflict, "run again when it is done; when it died, it is repaired by a run after wait_timeout, or now with a smaller wait_timeout",
			"%s for %s: another Helm client seems to work on it", doing, age.Round(time.Second))
	}
	if !args.Recover {
		return fault.New(fault.Conflict, "set recover: true, which marks the revision as failed and upgrades; nothing is uninstalled",
			"%s: the process that worked on it has died", doing)
	}
	return nil
}

// warnStuck tells what is repaired.
func warnStuck(p *plan.Plan, have State) {
	if !have.Release.Status.Underway() {
		return
	}
	who := have.Holder.Name
	if who == "" {
		who = "a Helm client"
	}
	p.Warn("release %s was left %s by %s, which died: revision %d is marked as failed and the release is upgraded", have.args.Release,
		have.Release.Status, who, have.Release.Revision)
}
