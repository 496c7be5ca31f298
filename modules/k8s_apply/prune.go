// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// usual are the kinds that applications are made of, which pruning looks
// through besides those of the manifests. Kinds that keep data are not here.
var usual = []kube.Ref{
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

// selected refuses manifests that pruning would not know again.
func selected(manifests []manifest, prune string) error {
	if prune == "" {
		return nil
	}
	selector, err := labels.Parse(prune)
	if err != nil {
		return fault.As(fault.Usage, "", "read prune", err)
	}
	for _, one := range manifests {
		if !selector.Matches(labels.Set(one.object.GetLabels())) {
			return fault.New(fault.Usage, "give every manifest the labels that prune selects: an object without them would stay behind",
				"manifest %s in %s does not match prune %q", kube.RefOf(one.object), one.from, prune)
		}
	}
	return nil
}

// extra finds what matches the selector, was applied by the task's manager, and
// is not among the objects any more. What belongs to another object is left to
// it.
func (m *Module) extra(ctx context.Context, args Args, objects []Object) ([]kube.Ref, error) {
	if args.Prune == "" {
		return nil, nil
	}
	var extra []kube.Ref
	for _, of := range places(objects) {
		found, err := m.cluster.List(ctx, of, args.Prune)
		if err != nil {
			return nil, err
		}
		for _, object := range found {
			ref := kube.Ref{APIVersion: of.APIVersion, Kind: of.Kind, Namespace: object.GetNamespace(), Name: object.GetName()}
			if own(&object, args.FieldManager) && !among(objects, ref) {
				extra = append(extra, ref)
			}
		}
	}
	return extra, nil
}

// own tells an object that the manager has applied, that nothing else keeps,
// and that is not going already.
func own(object *unstructured.Unstructured, manager string) bool {
	return kube.FieldsOf(object, manager) != nil && len(object.GetOwnerReferences()) == 0 && !kube.OwnerOf(object).Foreign() && object.GetDeletionTimestamp() == nil
}

func among(objects []Object, ref kube.Ref) bool {
	return slices.ContainsFunc(objects, func(object Object) bool { return object.Ref == ref })
}

// places are the kinds to look through, once for each namespace of the objects.
// Namespaces themselves are never pruned: others may live in them.
func places(objects []Object) []kube.Ref {
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
		for _, of := range usual {
			add(of, object.Ref.Namespace)
		}
	}
	return all
}

// foreign lists what others keep in the namespaces that are to go.
func (m *Module) foreign(ctx context.Context, args Args, objects []Object) (map[string][]string, error) {
	foreign := map[string][]string{}
	for _, object := range objects {
		if object.Ref.Kind != "Namespace" || object.Live == nil {
			continue
		}
		for _, of := range append(slices.Clone(usual), keepers...) {
			of.Namespace = object.Ref.Name
			found, err := m.cluster.List(ctx, of, "")
			if err != nil {
				return nil, err
			}
			for _, one := range found {
				if !made(&one) && kube.FieldsOf(&one, args.FieldManager) == nil {
					foreign[object.Ref.Name] = append(foreign[object.Ref.Name], one.GetKind()+" "+one.GetName())
				}
			}
		}
	}
	return foreign, nil
}

// keepers are kinds with what a namespace takes along when it goes.
var keepers = []kube.Ref{{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, {APIVersion: "v1", Kind: "Pod"}}

// made tells an object that the cluster makes by itself: one that another
// object owns, and those that are in every namespace (kube-controller-manager's
// controllers root-ca-certificate-publisher and serviceaccount).
func made(object *unstructured.Unstructured) bool {
	name := object.GetKind() + "/" + object.GetName()
	return len(object.GetOwnerReferences()) > 0 || name == "ConfigMap/kube-root-ca.crt" || name == "ServiceAccount/default"
}
