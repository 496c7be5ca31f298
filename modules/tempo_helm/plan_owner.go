// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"reflect"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

const takeOwnership = "take_ownership: true"

// planOwner refuses a plan that the owner of the release would undo. The hint
// has the values for the place where a change lasts.
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
		return fault.New(fault.Conflict, "remove it there, or set "+takeOwnership+" to remove it anyway", "%s belongs to %s, which would recreate it", thing, status.Owner.Name)
	}
	proposal := status.Proposal
	values := changed(status.Release.Values, proposal.Values)
	if len(values) == 0 {
		return status.Owner.Refusal(thing, "the change", takeOwnership)
	}
	shown := secret.Masked(any(values))
	what := "these values of chart " + proposal.Chart.ID()
	if !reflect.DeepEqual(shown, any(values)) {
		what += ", with their secrets in the place of " + secret.Hidden + ","
	}
	refusal := status.Owner.Refusal(thing, what, takeOwnership)
	text, _ := yaml.Marshal(shown) //nolint:errchkjson // they were YAML
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

// warnPending tells what is repaired.
func warnPending(p *plan.Plan, status Status) {
	release := status.Release
	if !release.Status.Pending() {
		return
	}
	p.Warn("release %s was left %s by %s, which died: revision %d is marked as failed and the release is upgraded", release.Name,
		release.Status, cmp.Or(status.LeaseHolder.Name, "a Helm client"), release.Revision)
}
