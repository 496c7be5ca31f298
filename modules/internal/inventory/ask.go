// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// answer is what came of the dry run of one object; the zero answer is that it would be
// taken, or cannot be asked about yet.
type answer struct {
	recreation *Recreation
	err        error
	// local says that err was found without the API server.
	local bool
}

// given reports whether err, if there is one, is about the object.
func (a answer) given() bool { return a.err == nil || a.local || kube.Refused(a.err) }

// ask makes the dry run of one object; live is nil where it is absent or not read yet. The
// API server takes a workload whose pods it will refuse, and only warns.
func (r Rehearsal) ask(ctx context.Context, object helm.Object, live *unstructured.Unstructured) answer {
	hearing, warnings := kube.Hear(ctx)
	answered := r.send(hearing, object, live)
	if answered.err != nil || !kube.WarnOfPods(warnings()) {
		return answered
	}
	namespace, err := r.Cluster.Get(ctx, kube.Ref{APIVersion: "v1", Kind: "Namespace", Name: object.Namespace})
	if err != nil {
		return answered // without the right to read it nobody knows what it enforces
	}
	if err := kube.PodsRefused(RefOf(object), warnings(), namespace); err != nil {
		return answer{err: err, local: true}
	}
	return answered
}

func (r Rehearsal) send(ctx context.Context, object helm.Object, live *unstructured.Unstructured) answer {
	ref := RefOf(object)
	if ctx.Err() != nil {
		return answer{err: fault.During("check "+ref.String(), ctx.Err())}
	}
	kind, known, err := r.Cluster.Kind(ctx, ref)
	if err != nil {
		return answer{err: err}
	}
	if !known || r.NoNamespace && kind.Namespaced && object.Namespace == r.Namespace {
		return answer{}
	}
	if live == nil && previous(r.Before, object) != nil {
		if live, err = r.Cluster.Get(ctx, ref); err != nil {
			return answer{err: err}
		}
	}
	sent := r.sent(object, kind)
	if live == nil {
		return r.create(ctx, ref, sent, object, kind)
	}
	return r.change(ctx, object, sent, live, kind)
}

// sent is an object as Helm sends it.
func (r Rehearsal) sent(object helm.Object, kind kube.Kind) *unstructured.Unstructured {
	made := &unstructured.Unstructured{Object: object.Owned(r.Release, r.Namespace)}
	if !kind.Namespaced {
		made.SetNamespace("")
	}
	return made
}

// create tries the creation of an object. One that exists although the release did not
// make it is changed by Helm, so that what is said against its creation does not count.
// Nor does it that the release's namespace is yet to be made: where nobody makes it the
// plan says so.
func (r Rehearsal) create(ctx context.Context, ref kube.Ref, sent *unstructured.Unstructured, object helm.Object, kind kube.Kind) answer {
	refusal := r.Cluster.DryRunCreate(ctx, sent, helm.Manager)
	if refusal == nil || kube.NamespaceMissing(refusal, r.Namespace) {
		return answer{}
	}
	live, err := r.Cluster.Get(ctx, ref)
	if err != nil || live == nil {
		return answer{err: refusal}
	}
	return r.change(ctx, object, sent, live, kind)
}

// change tries the patch of a live object.
func (r Rehearsal) change(ctx context.Context, object helm.Object, sent, live *unstructured.Unstructured, kind kube.Kind) answer {
	recreation := recreationOf(object, sent, live)
	if live.GetDeletionTimestamp() != nil {
		return r.gone(recreation)
	}
	before := sent
	if was := previous(r.Before, object); was != nil {
		before = r.sent(*was, kind)
	}
	patch, err := kube.HelmPatch(before, sent, live)
	if err != nil || patch.Empty() {
		return answer{err: err, local: true}
	}
	_, refusal := r.Cluster.DryRunPatch(ctx, patch, helm.Manager)
	if recreation == nil || r.InPlace || !immutable(refusal) {
		return answer{err: refusal}
	}
	if err := r.Cluster.DryRunRecreate(ctx, sent, helm.Manager); err != nil {
		return answer{err: err}
	}
	recreation.Why = why(refusal)
	return answer{recreation: recreation}
}

// gone is the answer for an object that somebody deletes.
func (r Rehearsal) gone(recreation *Recreation) answer {
	if r.InPlace {
		return answer{}
	}
	return answer{recreation: recreation}
}
