// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/wait"
)

// deploy installs or upgrades, after repairing what is in the way.
func deploy(spec Spec, status Status) do {
	release, proposal := status.Release, status.Proposal
	return holding(spec, func(ctx context.Context, w writer) error {
		failed, err := w.unchanged(ctx, spec, release)
		if err != nil {
			return err
		}
		if err := w.releases.EndPending(release); err != nil {
			return err
		}
		if err := w.verify(ctx, spec, status); err != nil {
			return err
		}
		if err := status.Move.Drain(ctx, w.clients.Reader(), w.clients); err != nil {
			return err
		}
		if err := w.removeAll(ctx, proposal.Verdict.Recreate); err != nil {
			return err
		}
		deployment := spec.deployment(proposal)
		if proposal.Upgrade {
			wait.Report(ctx, "upgrading release %s to chart %s", spec.Release, proposal.Chart.ID())
			deployment.Failed = failed
			return w.releases.Upgrade(ctx, deployment)
		}
		wait.Report(ctx, "installing release %s with chart %s", spec.Release, proposal.Chart.ID())
		return w.releases.Install(ctx, deployment)
	})
}

func uninstall(spec Spec) do {
	return holding(spec, func(ctx context.Context, w writer) error {
		return w.releases.Uninstall(ctx, spec.Release, spec.WaitTimeout)
	})
}

// holding works on the release while it holds its Lease, so that no other run may.
func holding(spec Spec, work do) do {
	return func(ctx context.Context, w writer) error {
		held, release, err := w.clients.Hold(ctx, spec.Namespace, spec.lease())
		if err != nil {
			return err
		}
		err = work(held, w)
		release(err == nil || w.settle(held) == nil)
		// When the API server is away, err says so too.
		if lost := context.Cause(held); err != nil && lost != nil && fault.KindOf(lost) == fault.Conflict && ctx.Err() == nil {
			return fault.Wrap(fault.KindOf(lost), fault.HintOf(lost), lost.Error(), err)
		}
		return err
	}
}

// settle ends a revision that stayed pending because Helm could not write how it
// ended, so that the next run does not have to find out whether somebody works on
// it. What was lost to another run is left alone.
func (w writer) settle(held context.Context) error {
	if lost := context.Cause(held); lost != nil && fault.KindOf(lost) == fault.Conflict {
		return nil
	}
	return w.releases.Settle("its end could not be recorded")
}

// unchanged refuses to carry out a plan that was made from another revision than
// the one that is found now that nobody else works on it. It returns the
// manifests of the revisions that failed since one was deployed.
func (w writer) unchanged(ctx context.Context, spec Spec, from helm.Release) (failed []string, err error) {
	releases, _, err := records(ctx, w.clients.Reader(), spec)
	if err != nil {
		return nil, err
	}
	var now helm.Release
	if len(releases) > 0 {
		now = releases[0]
	}
	if now.Revision != from.Revision || now.Status != from.Status {
		return nil, fault.New(fault.Conflict, "run again: it then starts from the current revision",
			"deploy release %s: somebody else did in the meantime: revision %d (%s) is now %d (%s)", spec.Release,
			from.Revision, orAbsent(from.Status), now.Revision, orAbsent(now.Status))
	}
	for _, release := range releases {
		if release.Status == helm.Deployed {
			break
		}
		failed = append(failed, release.Manifest)
	}
	return failed, nil
}

func orAbsent(status helm.Status) string { return cmp.Or(string(status), "absent") }

// removalTimeout is how long an object may take to be deleted so that it can be
// recreated.
const removalTimeout = time.Minute

func (w writer) removeAll(ctx context.Context, all []inventory.Recreation) error {
	ctx, cancel := context.WithTimeout(ctx, removalTimeout)
	defer cancel()
	for _, object := range all {
		if err := w.objects.Remove(ctx, inventory.RefOf(object.Object), object.Orphan); err != nil {
			return err
		}
	}
	return nil
}

// awaitRollout waits for a release that is deployed already; idle says why it
// never will be ready.
func awaitRollout(spec Spec, made []helm.Object, idle []string) do {
	return func(ctx context.Context, w writer) error {
		if len(idle) > 0 {
			return fault.New(fault.Conflict, "set drift: correct to correct it, or wait: false if it should stay that way",
				"release %s/%s cannot be ready: %s", spec.Namespace, spec.Release, strings.Join(idle, ", "))
		}
		return spec.rollout().Await(ctx, w.clients, made)
	}
}
