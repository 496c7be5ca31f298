// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

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

// Recreation is an object that is deleted so that the upgrade recreates it.
type Recreation struct {
	helm.Object
	// Why it cannot be changed in place: mostly the API server's error.
	Why string
	// Orphan keeps the object's pods running until the new one adopts them.
	Orphan bool
}

// recreatable are the kinds that hold no data of their own.
var recreatable = []string{"Deployment", "Service", "StatefulSet"}

// Recreations dry-runs the upgrade of these kinds, since what cannot be changed in
// place would stop the upgrade halfway. An example is chart 2.17.10, which removes
// the cluster IP of memcached's Service.
func (l Live) Recreations(ctx context.Context, cluster Cluster, before, after []helm.Object) (all []Recreation, err error) {
	live, err := l.index()
	if err != nil {
		return nil, err
	}
	for _, object := range after {
		if live[object.Path()] == nil || !slices.Contains(recreatable, object.Kind) {
			continue
		}
		recreation, err := dryRun(ctx, cluster, previous(before, object), object, live[object.Path()])
		if err != nil {
			return nil, err
		}
		if recreation != nil {
			all = append(all, *recreation)
		}
	}
	return all, nil
}

// previous is the object in the previous manifest, or the object itself if it
// is new.
func previous(before []helm.Object, object helm.Object) helm.Object {
	for _, candidate := range before {
		if candidate.Path() == object.Path() {
			return candidate
		}
	}
	return object
}

// dryRun returns nil if the live object can be changed in place, and how to
// recreate it if the API server refuses the change but not the object.
func dryRun(ctx context.Context, cluster Cluster, before, wanted helm.Object, live *unstructured.Unstructured) (*Recreation, error) {
	manifest := &unstructured.Unstructured{Object: wanted.Content}
	recreation := &Recreation{Object: wanted, Orphan: wanted.Kind == "StatefulSet" && sameSelector(manifest, live)}
	if live.GetDeletionTimestamp() != nil {
		recreation.Why = "somebody deletes it"
		return recreation, nil
	}
	patch, err := kube.ThreeWay(&unstructured.Unstructured{Object: before.Content}, manifest, live)
	if err != nil || patch.Empty() {
		return nil, err
	}
	_, refusal := cluster.DryRunPatch(ctx, patch, helm.Manager)
	if refusal == nil || !apierrors.IsInvalid(refusal) {
		return nil, refusal
	}
	placed := manifest.DeepCopy()
	placed.SetNamespace(wanted.Namespace) // a chart may leave it out
	if err := cluster.DryRunCreate(ctx, placed); err != nil {
		return nil, err
	}
	recreation.Why = errors.Unwrap(refusal).Error()
	return recreation, nil
}

// sameSelector reports whether the new object will find the old one's pods.
func sameSelector(wanted, live *unstructured.Unstructured) bool {
	a, _, _ := unstructured.NestedStringMap(wanted.Object, "spec", "selector", "matchLabels")
	b, _, _ := unstructured.NestedStringMap(live.Object, "spec", "selector", "matchLabels")
	return maps.Equal(a, b)
}
