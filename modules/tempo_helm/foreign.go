// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"reflect"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// owner looks for a GitOps tool behind the release's objects, which may be there
// without a release: Argo CD makes none. A HelmChart marks nothing, so that it is
// looked for before the release is changed or removed.
func (m *Module) owner(ctx context.Context, have *State) error {
	live := have.Live
	for _, owner := range []kube.Owner{
		kube.OwnerOf(&meta.ObjectMeta{Labels: have.Release.Labels}),
		kube.FirstOwner(live.StatefulSets), kube.FirstOwner(live.Deployments), kube.FirstOwner(live.Services), kube.FirstOwner(live.ConfigMaps),
	} {
		if owner.Foreign() {
			have.Owner = owner
			return nil
		}
	}
	if have.args.State == absent && have.Release.Status != helm.Absent {
		return m.chartOwner(ctx, have)
	}
	return nil
}

func (m *Module) chartOwner(ctx context.Context, have *State) (err error) {
	if !have.Owner.Foreign() {
		have.Owner, err = m.clients.ReleaseOwner(ctx, have.args.Namespace, have.args.Release)
	}
	return err
}

// kept reports whether the release is somebody else's to change.
func (s State) kept() bool { return s.Owner.Foreign() && !s.args.TakeOwnership }

const taken = "take_ownership: true"

// planOwner refuses a plan that the owner of the release would undo. The hint
// has the values for the place where they last.
func planOwner(p *plan.Plan, have State) error {
	if !have.Owner.Foreign() || !have.touches(*p) {
		return nil
	}
	thing := "release " + have.args.Namespace + "/" + have.args.Release
	if !have.kept() {
		p.Warn("%s belongs to %s, which may undo the change", thing, have.Owner.Name)
		return nil
	}
	if have.args.State == absent {
		return fault.New(fault.Conflict, "remove it there, or set "+taken+" to remove it all the same", "%s belongs to %s, which would make it anew", thing, have.Owner.Name)
	}
	values := changed(have.Release.Values, have.Target.Values)
	if len(values) == 0 {
		return have.Owner.Refusal(thing, "the change", taken)
	}
	refusal := have.Owner.Refusal(thing, "these values of chart "+have.Target.Chart.ID(), taken)
	text, _ := yaml.Marshal(secret.Masked(any(values))) //nolint:errchkjson // they were YAML
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+string(text), "%s", refusal.Error())
}

// touches reports whether a plan changes anything of the release itself.
func (s State) touches(p plan.Plan) bool {
	for _, change := range p.Changed() {
		_, deploys := change.Payload.(deployment)
		_, heals := change.Payload.(Drift)
		if deploys || heals || change.Path == "release/"+s.args.Release {
			return true
		}
	}
	return false
}

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
