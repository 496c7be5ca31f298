// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Status is the objects as they were observed, and what applying would make of
// them.
type Status struct {
	// Objects are those of the manifests, in their order.
	Objects []Object
	// Prunable are those that pruning removes.
	Prunable []kube.Ref
	// Foreign names, for each namespace among the objects, what others have in
	// it. It is looked for only before namespaces are removed.
	Foreign map[string][]string
}

// Object is one object of the manifests.
type Object struct {
	Ref kube.Ref
	// Manifest is the object as the task describes it.
	Manifest *unstructured.Unstructured
	// Live is the object as it is, nil when it is absent.
	Live *unstructured.Unstructured
	// Proposal is what the API server says that applying makes of it; nil where it
	// cannot be asked yet, since namespace or kind come with other manifests.
	Proposal *unstructured.Unstructured
	// Refusal is what the API server has against the manifest.
	Refusal error
	// Terminating reports that the object, or its namespace, is being deleted: it
	// stays until whatever holds it lets go, and what is written to it goes too.
	Terminating bool
}

// appliedBy reports whether a field manager has applied the object. Who applies a
// name alone owns no field of it, and the API server keeps no entry for that: where
// nobody owns anything, and the manifest has only the name, it counts as applied.
func (o Object) appliedBy(manager string) bool {
	if kube.FieldsOf(o.Live, manager) != nil {
		return true
	}
	return o.Live != nil && kube.NameAlone(o.Manifest) && !kube.Owned(o.Live)
}

// reader is what the module reads the cluster with.
type reader interface {
	Kind(context.Context, kube.Ref) (kind kube.Kind, known bool, err error)
	Get(context.Context, kube.Ref) (*unstructured.Unstructured, error)
	List(ctx context.Context, of kube.Ref, selector string) ([]unstructured.Unstructured, error)
	DryRunApply(context.Context, *unstructured.Unstructured, kube.Applying) (*unstructured.Unstructured, error)
}

// Observe reads the objects, and asks the API server what applying would make
// of each.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, spec.Limit)
	defer cancel()
	for _, one := range spec.Manifests {
		secret.Learn(ctx, secret.Within(one.object.Object)...)
	}
	if status.Objects, err = c.place(ctx, spec); err != nil {
		return status, err
	}
	if err := each(len(status.Objects), func(i int) error { return c.get(ctx, &status.Objects[i]) }); err != nil {
		return status, err
	}
	markTerminating(status.Objects)
	if spec.absent() {
		status.Foreign, err = c.foreign(ctx, spec, status.Objects)
	} else {
		err = each(len(status.Objects), func(i int) error { return c.dryRun(ctx, spec, status.Objects, i) })
	}
	if err != nil {
		return status, err
	}
	status.Prunable, err = c.prunable(ctx, spec, status.Objects)
	return status, err
}

// place gives manifests without a namespace theirs. A kind that the
// cluster does not know is taken to be namespaced.
func (c *client) place(ctx context.Context, spec Spec) ([]Object, error) {
	var all []Object
	for _, one := range spec.Manifests {
		object := one.object.DeepCopy()
		kind, known, err := c.cluster.Kind(ctx, kube.RefOf(object))
		if err != nil {
			return all, err
		}
		switch {
		case known && !kind.Namespaced:
			object.SetNamespace("")
		case object.GetNamespace() == "" && spec.Namespace != "":
			object.SetNamespace(spec.Namespace)
		case object.GetNamespace() == "":
			object.SetNamespace(c.namespace)
		}
		all = append(all, Object{Ref: kube.RefOf(object), Manifest: object})
	}
	return all, nil
}

func (c *client) get(ctx context.Context, object *Object) (err error) {
	object.Live, err = c.cluster.Get(ctx, object.Ref)
	return err
}

// markTerminating marks the objects that are being deleted, by themselves or with
// their namespace.
func markTerminating(objects []Object) {
	namespaces := map[string]bool{}
	for i := range objects {
		objects[i].Terminating = objects[i].Live != nil && objects[i].Live.GetDeletionTimestamp() != nil
		if objects[i].Terminating && objects[i].Ref.Kind == "Namespace" {
			namespaces[objects[i].Ref.Name] = true
		}
	}
	for i := range objects {
		objects[i].Terminating = objects[i].Terminating || objects[i].Live != nil && namespaces[objects[i].Ref.Namespace]
	}
}
