// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"errors"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Replacement is an object that is deleted so that the upgrade makes it anew.
type Replacement struct {
	helm.Object
	// Why it cannot be changed in place; mostly the API server's word.
	Why string
	// Orphan leaves the pods of the object running until the new one takes them.
	Orphan bool
}

// replaceable are the kinds that hold no data of their own.
var replaceable = []string{"Deployment", "Service", "StatefulSet"}

// rehearse puts the upgrade of these kinds to the API server as a dry run, since
// what cannot be changed in place would stop the upgrade half way. An example is
// chart 2.17.10, which takes the cluster IP from memcached's Service.
func (m *Module) rehearse(ctx context.Context, have *State) error {
	target := &have.Target
	if !target.Upgrade || target.Manifest == "" {
		return nil
	}
	wanted, err := helm.Objects(target.Manifest, have.args.Namespace)
	if err != nil {
		return err
	}
	before, err := helm.Objects(have.Release.Manifest, have.args.Namespace)
	if err != nil {
		return err
	}
	index, err := have.Live.index()
	if err != nil {
		return err
	}
	for _, object := range wanted {
		live := index[object.Path()]
		if live == nil || !slices.Contains(replaceable, object.Kind) {
			continue
		}
		replacement, err := m.fits(ctx, old(before, object), object, live)
		if err != nil {
			return err
		}
		if replacement != nil {
			target.Replace = append(target.Replace, *replacement)
		}
	}
	target.Replace = append(target.Replace, have.lone()...)
	return nil
}

// lone are the Deployments of one pod whose update would never end: deleting them
// takes Tempo away for as long as a strategy that stops the pod first.
func (s State) lone() (all []Replacement) {
	for _, crew := range s.stalled() {
		known := slices.ContainsFunc(s.Target.Replace, func(r Replacement) bool { return r.Path() == crew.path })
		if crew.pods == 1 && !known {
			all = append(all, Replacement{Object: crew.object, Why: noRoom})
		}
	}
	return all
}

// old is the object in the manifest before, or the object itself where it was
// not in it.
func old(before []helm.Object, object helm.Object) helm.Object {
	for _, candidate := range before {
		if candidate.Path() == object.Path() {
			return candidate
		}
	}
	return object
}

// fits returns nil when the live object can be changed in place, a replacement
// when the API server refuses the change but not the object as such.
func (m *Module) fits(ctx context.Context, before, wanted helm.Object, live *unstructured.Unstructured) (*Replacement, error) {
	manifest := &unstructured.Unstructured{Object: wanted.Content}
	replacement := &Replacement{Object: wanted, Orphan: wanted.Kind == "StatefulSet" && sameSelector(manifest, live)}
	if live.GetDeletionTimestamp() != nil {
		replacement.Why = "somebody deletes it"
		return replacement, nil
	}
	patch, err := kube.ThreeWay(&unstructured.Unstructured{Object: before.Content}, manifest, live)
	if err != nil || patch.Empty() {
		return nil, err
	}
	objects, err := m.anyKind()
	if err != nil {
		return nil, err
	}
	_, refusal := objects.Patch(ctx, patch, helm.Manager, true)
	if refusal == nil || !apierrors.IsInvalid(refusal) {
		return nil, refusal
	}
	if err := objects.Sound(ctx, manifest); err != nil {
		return nil, err
	}
	replacement.Why = errors.Unwrap(refusal).Error()
	return replacement, nil
}

// sameSelector reports whether the new object will find the old one's pods.
func sameSelector(wanted, live *unstructured.Unstructured) bool {
	a, _, _ := unstructured.NestedStringMap(wanted.Object, "spec", "selector", "matchLabels")
	b, _, _ := unstructured.NestedStringMap(live.Object, "spec", "selector", "matchLabels")
	return maps.Equal(a, b)
}
