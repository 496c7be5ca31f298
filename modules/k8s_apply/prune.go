// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
)

// applicationKinds are what applications are made of. Pruning searches them
// besides the kinds of the manifests. Kinds that keep data are not here.
var applicationKinds = []kube.Ref{
	{APIVersion: "v1", Kind: "Service"},
	{APIVersion: "v1", Kind: "ConfigMap"},
	{APIVersion: "v1", Kind: "Secret"},
	{APIVersion: "v1", Kind: "ServiceAccount"},
	{APIVersion: "apps/v1", Kind: "Deployment"},
	{APIVersion: "apps/v1", Kind: "StatefulSet"},
	{APIVersion: "apps/v1", Kind: "DaemonSet"},
	{APIVersion: "batch/v1", Kind: "Job"},
	{APIVersion: "batch/v1", Kind: "CronJob"},
	{APIVersion: "networking.k8s.io/v1", Kind: "Ingress"},
	{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
	{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "Role"},
	{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"},
}

// prunable finds what matches the selector, was applied by the task's manager, and
// is no longer among the objects. What belongs to another object is left to it.
func (c *client) prunable(ctx context.Context, spec Spec, objects []Object) ([]kube.Ref, error) {
	if spec.Prune == "" {
		return nil, nil
	}
	var found []kube.Ref
	for _, of := range searched(objects) {
		list, err := c.cluster.List(ctx, of, spec.Prune)
		if err != nil {
			return nil, err
		}
		for _, object := range list {
			ref := kube.Ref{APIVersion: of.APIVersion, Kind: of.Kind, Namespace: object.GetNamespace(), Name: object.GetName()}
			if applied(&object, spec.FieldManager) && !among(objects, ref) {
				found = append(found, ref)
			}
		}
	}
	return found, nil
}

// applied reports an object that the manager has applied, that nothing else manages,
// and that is not being deleted already.
func applied(object *unstructured.Unstructured, manager string) bool {
	return kube.FieldsOf(object, manager) != nil && len(object.GetOwnerReferences()) == 0 && !kube.OwnerOf(object).Foreign() && object.GetDeletionTimestamp() == nil
}

func among(objects []Object, ref kube.Ref) bool {
	return slices.ContainsFunc(objects, func(object Object) bool { return object.Ref == ref })
}

// searched are the kinds to look through, once for each namespace of the objects.
// Namespaces themselves are never pruned: others may live in them.
func searched(objects []Object) []kube.Ref {
	var all []kube.Ref
	add := func(of kube.Ref, namespace string) {
		of.Name, of.Namespace = "", namespace
		if of.Kind != "Namespace" && !slices.Contains(all, of) {
			all = append(all, of)
		}
	}
	for _, object := range objects {
		add(object.Ref, object.Ref.Namespace)
		if object.Ref.Namespace == "" {
			continue
		}
		for _, of := range applicationKinds {
			add(of, object.Ref.Namespace)
		}
	}
	return all
}

// foreign lists what others have in the namespaces that are to be deleted.
func (c *client) foreign(ctx context.Context, spec Spec, objects []Object) (map[string][]string, error) {
	foreign := map[string][]string{}
	for _, object := range objects {
		if object.Ref.Kind != "Namespace" || object.Live == nil {
			continue
		}
		for _, of := range append(slices.Clone(applicationKinds), dataKinds...) {
			of.Namespace = object.Ref.Name
			found, err := c.cluster.List(ctx, of, "")
			if err != nil {
				return nil, err
			}
			for _, one := range found {
				if !automatic(&one) && !ours(objects, &one, spec.FieldManager) {
					foreign[object.Ref.Name] = append(foreign[object.Ref.Name], one.GetKind()+" "+one.GetName())
				}
			}
		}
	}
	return foreign, nil
}

// ours reports whether the manager has applied an object of a namespace.
func ours(objects []Object, one *unstructured.Unstructured, manager string) bool {
	ref := kube.RefOf(one)
	i := slices.IndexFunc(objects, func(object Object) bool { return object.Ref == ref })
	return kube.FieldsOf(one, manager) != nil || i >= 0 && objects[i].appliedBy(manager)
}

// dataKinds are those with what is lost when a namespace is deleted.
var dataKinds = []kube.Ref{{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, {APIVersion: "v1", Kind: "Pod"}}

// automatic reports an object that the cluster makes by itself: one that another
// object owns, and those that are in every namespace (kube-controller-manager's
// controllers root-ca-certificate-publisher and serviceaccount).
func automatic(object *unstructured.Unstructured) bool {
	name := object.GetKind() + "/" + object.GetName()
	return len(object.GetOwnerReferences()) > 0 || name == "ConfigMap/kube-root-ca.crt" || name == "ServiceAccount/default"
}
