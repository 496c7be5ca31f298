// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Observe reads the objects, and asks the API server what applying would make
// of each. Nothing is kept of that: it is a dry run.
func (m *Module) Observe(ctx context.Context, args Args) (have State, err error) {
	if err := m.connect(args); err != nil {
		return have, err
	}
	for _, one := range m.manifests {
		object, err := m.place(ctx, args, one.object)
		if err != nil {
			return have, err
		}
		have.Objects = append(have.Objects, object)
	}
	if err := each(len(have.Objects), func(i int) error { return m.look(ctx, &have.Objects[i]) }); err != nil {
		return have, err
	}
	if args.absent() {
		if have.Foreign, err = m.foreign(ctx, args, have.Objects); err != nil {
			return have, err
		}
	} else if err := each(len(have.Objects), func(i int) error { return m.try(ctx, args, have.Objects, i) }); err != nil {
		return have, err
	}
	have.Extra, err = m.extra(ctx, args, have.Objects)
	return have, err
}

func (m *Module) connect(args Args) (err error) {
	if m.cluster != nil {
		return nil
	}
	if m.clients, err = args.Clients(); err != nil {
		return err
	}
	m.cluster, err = args.Objects()
	return err
}

// place gives a manifest the namespace that it does not name. A kind that the
// cluster does not know is taken for one with namespaces.
func (m *Module) place(ctx context.Context, args Args, manifest *unstructured.Unstructured) (Object, error) {
	object := manifest.DeepCopy()
	kind, known, err := m.cluster.Kind(ctx, kube.RefOf(object))
	if err != nil {
		return Object{}, err
	}
	switch {
	case known && !kind.Namespaced:
		object.SetNamespace("")
	case object.GetNamespace() == "" && args.Namespace != "":
		object.SetNamespace(args.Namespace)
	case object.GetNamespace() == "":
		object.SetNamespace(m.cluster.Namespace)
	}
	return Object{Ref: kube.RefOf(object), Manifest: object}, nil
}

func (m *Module) look(ctx context.Context, object *Object) (err error) {
	object.Live, err = m.cluster.Get(ctx, object.Ref)
	return err
}

// try asks what applying would do. A refusal is the plan's to report; a server
// that does not answer ends the run.
func (m *Module) try(ctx context.Context, args Args, objects []Object, i int) error {
	object := &objects[i]
	if object.Live == nil && comes(objects, object.Ref) {
		return nil
	}
	would, err := m.cluster.Apply(ctx, object.Manifest, args.applying(true))
	if err != nil && !kube.Refused(err) {
		return err
	}
	object.Would, object.Refused = would, scrubbed(object.Manifest, err)
	return nil
}

// comes reports whether an object's namespace or kind is still to be made by
// another manifest.
func comes(objects []Object, ref kube.Ref) bool {
	return slices.ContainsFunc(objects, func(other Object) bool {
		if other.Live != nil {
			return false
		}
		return other.Ref.Kind == "Namespace" && other.Ref.Name == ref.Namespace || brings(other.Manifest, ref)
	})
}

// brings reports whether a manifest defines the kind of ref.
func brings(manifest *unstructured.Unstructured, ref kube.Ref) bool {
	if manifest.GetKind() != "CustomResourceDefinition" {
		return false
	}
	group, _, _ := unstructured.NestedString(manifest.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(manifest.Object, "spec", "names", "kind")
	return kind == ref.Kind && len(ref.APIVersion) > len(group) && ref.APIVersion[:len(group)+1] == group+"/"
}

// lanes is how many calls are under way at once: enough to hide the way to a
// small API server, few enough not to be a load on it.
const lanes = 4

// each runs n jobs and returns the first error in their order.
func each(n int, job func(int) error) error {
	var group sync.WaitGroup
	free, faults := make(chan struct{}, lanes), make([]error, n)
	for i := range n {
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			faults[i] = job(i)
		})
	}
	group.Wait()
	// One is enough: those of a server that is away are all the same.
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}
