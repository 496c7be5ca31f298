// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// owner looks for a GitOps tool behind the release's objects, which may exist
// without a release: Argo CD makes none. A HelmChart marks nothing, so that it is
// looked for before the release is changed or removed.
func (c *client) owner(ctx context.Context, spec Spec, status *Status) error {
	live := status.Live
	for _, owner := range []kube.Owner{
		kube.OwnerOf(&meta.ObjectMeta{Labels: status.Release.Labels}),
		kube.FirstOwner(live.StatefulSets), kube.FirstOwner(live.Deployments), kube.FirstOwner(live.Services), kube.FirstOwner(live.ConfigMaps),
	} {
		if owner.Foreign() {
			status.Owner = owner
			return nil
		}
	}
	if spec.absent() && status.Release.Status != helm.Absent {
		return c.releaseOwner(ctx, spec, status)
	}
	return nil
}

func (c *client) releaseOwner(ctx context.Context, spec Spec, status *Status) (err error) {
	if !status.Owner.Foreign() {
		status.Owner, err = c.cluster.ReleaseOwner(ctx, spec.Namespace, spec.Release)
	}
	return err
}

// foreign reports whether the release is somebody else's to change.
func (s Status) foreign(spec Spec) bool { return s.Owner.Foreign() && !spec.TakeOwnership }

const takeOwnership = "take_ownership: true"

// planOwner refuses a plan that the owner of the release would undo. The hint
// has the values for the place where they last.
func planOwner(p *plan.Plan, spec Spec, status Status) error {
	if !status.Owner.Foreign() || !status.touches(spec, *p) {
		return nil
	}
	thing := "release " + spec.Namespace + "/" + spec.Release
	if !status.foreign(spec) {
		p.Warn("%s belongs to %s, which may undo the change", thing, status.Owner.Name)
		return nil
	}
	if spec.absent() {
		return fault.New(fault.Conflict, "remove it there, or set "+takeOwnership+" to remove it all the same", "%s belongs to %s, which would make it anew", thing, status.Owner.Name)
	}
	proposal := status.Proposal
	values := changed(status.Release.Values, proposal.Values)
	if len(values) == 0 {
		return status.Owner.Refusal(thing, "the change", takeOwnership)
	}
	refusal := status.Owner.Refusal(thing, "these values of chart "+proposal.Chart.ID(), takeOwnership)
	text, _ := yaml.Marshal(secret.Masked(any(values))) //nolint:errchkjson // they were YAML
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+string(text), "%s", refusal.Error())
}

// touches reports whether a plan changes anything of the release itself.
func (s Status) touches(spec Spec, p plan.Plan) bool {
	return len(s.corrected(spec)) > 0 || slices.ContainsFunc(p.Changed(), func(change plan.Change) bool { return change.Path == releasePath(spec) })
}

func releasePath(spec Spec) string { return "release/" + spec.Release }

// changed are the values that differ from those before, lists as a whole.
func changed(before, after map[string]any) map[string]any {
	differing := map[string]any{}
	for key, value := range after {
		was, isMap := before[key].(map[string]any)
		now, areMaps := value.(map[string]any)
		switch {
		case reflect.DeepEqual(before[key], value):
		case isMap && areMaps:
			differing[key] = changed(was, now)
		default:
			differing[key] = value
		}
	}
	return differing
}

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
