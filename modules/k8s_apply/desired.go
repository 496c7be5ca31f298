// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
)

// State is the objects that are there, or how they are wanted.
type State struct {
	// Objects are those of the manifests, in their order.
	Objects []Object
	// Extra are those that pruning removes.
	Extra []kube.Ref
	// Foreign names, for each namespace among the objects, what others keep in
	// it. It is looked for only before namespaces are removed.
	Foreign map[string][]string
	// Wish holds what only a wanted State has.
	Wish Wish
}

// Object is one object of the manifests.
type Object struct {
	Ref kube.Ref
	// Live is the object as it is, nil when it is absent.
	Live *unstructured.Unstructured
	// Would is what the API server says that applying makes of it; nil where it
	// cannot be asked yet, since namespace or kind come with other manifests.
	Would *unstructured.Unstructured
	// Going reports that the object, or its namespace, is being deleted: it stays
	// until whatever holds it lets go, and what is written to it goes too.
	Going bool
	// Manifest is the object as the task describes it.
	Manifest *unstructured.Unstructured
	// Refused is what the API server has against the manifest.
	Refused error
}

// Wish says how to get to a wanted State.
type Wish struct {
	Absent, Wait, Force bool
	// Manager owns the fields that count.
	Manager string
}

// Desired reads the manifests.
func (m *Module) Desired(args Args) (want State, err error) {
	if m.manifests, err = read(args); err != nil {
		return State{}, err
	}
	if err := selected(m.manifests, args.Prune); err != nil {
		return State{}, err
	}
	want.Wish = Wish{Absent: args.absent(), Wait: args.Wait, Force: args.ForceConflicts, Manager: args.FieldManager}
	return want, nil
}
