// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"errors"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Recreation is an object that is deleted so that the upgrade recreates it, since what
// cannot be changed in place would stop the upgrade halfway. An example is chart 2.17.10,
// which removes the cluster IP of memcached's Service.
type Recreation struct {
	helm.Object
	// Why it cannot be changed in place: mostly the API server's error.
	Why string
	// Orphan keeps the object's pods running until the new one adopts them.
	Orphan bool
}

// recreatable are the kinds that hold no data of their own.
var recreatable = []string{"Deployment", "Service", "StatefulSet"}

// recreationOf is how a live object can be recreated, nil if its kind is not.
func recreationOf(object helm.Object, wanted, live *unstructured.Unstructured) *Recreation {
	if !slices.Contains(recreatable, object.Kind) {
		return nil
	}
	made := &Recreation{Object: object, Orphan: object.Kind == "StatefulSet" && sameSelector(wanted, live)}
	if live.GetDeletionTimestamp() != nil {
		made.Why = "somebody deletes it"
	}
	return made
}

// previous is the object in the previous manifest, nil if it is new.
func previous(before []helm.Object, object helm.Object) *helm.Object {
	at := slices.IndexFunc(before, func(candidate helm.Object) bool {
		return candidate.Path() == object.Path() && candidate.Namespace == object.Namespace
	})
	if at < 0 {
		return nil
	}
	return &before[at]
}

// immutable reports whether the API server refuses a change, and not a policy of the
// cluster, which recreating the object would get around.
func immutable(refusal error) bool {
	return refusal != nil && apierrors.IsInvalid(refusal) && !kube.DeniedByPolicy(refusal)
}

func why(refusal error) string { return errors.Unwrap(refusal).Error() }

// sameSelector reports whether the new object will find the old one's pods.
func sameSelector(wanted, live *unstructured.Unstructured) bool {
	a, _, _ := unstructured.NestedStringMap(wanted.Object, "spec", "selector", "matchLabels")
	b, _, _ := unstructured.NestedStringMap(live.Object, "spec", "selector", "matchLabels")
	return maps.Equal(a, b)
}
