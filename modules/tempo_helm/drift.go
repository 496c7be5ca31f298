// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// The ways to treat drift.
const (
	driftIgnore  = "ignore"
	driftReport  = "report"
	driftCorrect = "correct"
)

// Drift is an object of the release that somebody changed or deleted behind
// Helm's back.
type Drift struct {
	// Object is its path: "deployment/tempo-distributor".
	Object string
	// Missing is true when it is gone.
	Missing bool
	// Fields of the chart's that differ: what they are and what they would be.
	Fields map[string][2]any

	manifest helm.Object
	patch    kube.Patch
}

// drift compares the release's manifest with the live objects. A difference
// that is found here is put to the API server as a dry run, so that what is only
// written differently does not count. Kinds that are not read anyway are looked
// at when drift is to be corrected, and for being there when a workload is gone.
func (m *Module) drift(ctx context.Context, have *State) error {
	if have.args.State == absent || !have.is(have.Target) {
		return nil
	}
	manifests, err := helm.Objects(have.Release.Manifest, have.args.Namespace)
	if err != nil {
		return err
	}
	index, err := have.Live.index()
	if err != nil {
		return err
	}
	have.Manifests = manifests
	if have.args.Drift == driftIgnore {
		return nil
	}
	for _, manifest := range manifests {
		if !listed[manifest.Kind] && have.args.Drift != driftCorrect {
			continue
		}
		found, err := m.compare(ctx, manifest, index[manifest.Path()])
		if err != nil {
			return err
		}
		if found != nil {
			have.Drift = append(have.Drift, *found)
		}
	}
	if have.args.Drift == driftReport && slices.ContainsFunc(have.Drift, Drift.lostWorkload) {
		return m.missing(ctx, have)
	}
	return nil
}

// missing adds what is gone of the kinds that a report does not read.
func (m *Module) missing(ctx context.Context, have *State) error {
	for _, manifest := range have.Manifests {
		if listed[manifest.Kind] {
			continue
		}
		live, err := m.get(ctx, manifest)
		if err != nil {
			return err
		}
		if live == nil {
			have.Drift = append(have.Drift, Drift{Object: manifest.Path(), Missing: true, manifest: manifest})
		}
	}
	return nil
}

// compare returns how a live object differs from its manifest, nil when it does
// not. live is nil when it is not among those that were read.
func (m *Module) compare(ctx context.Context, manifest helm.Object, live *unstructured.Unstructured) (_ *Drift, err error) {
	wanted := &unstructured.Unstructured{Object: manifest.Content}
	if live == nil {
		if live, err = m.get(ctx, manifest); err != nil {
			return nil, err
		}
	}
	if live == nil {
		return &Drift{Object: manifest.Path(), Missing: true, manifest: manifest}, nil
	}
	patch, err := kube.ThreeWay(wanted, wanted, live)
	if err != nil || patch.Empty() {
		return nil, err
	}
	objects, err := m.anyKind()
	if err != nil {
		return nil, err
	}
	would, err := objects.Patch(ctx, patch, helm.Manager, true)
	if err != nil {
		return nil, err
	}
	fields := kube.Differences(live, would)
	if len(fields) == 0 {
		return nil, nil
	}
	return &Drift{Object: manifest.Path(), Fields: fields, manifest: manifest, patch: patch}, nil
}

func (m *Module) get(ctx context.Context, object helm.Object) (*unstructured.Unstructured, error) {
	objects, err := m.anyKind()
	if err != nil {
		return nil, err
	}
	return objects.Get(ctx, refOf(object))
}

func refOf(object helm.Object) kube.Ref {
	return kube.Ref{APIVersion: object.APIVersion, Kind: object.Kind, Namespace: object.Namespace, Name: object.Name}
}

// anyKind is the client for objects of any kind, which is seldom needed.
func (m *Module) anyKind() (_ *kube.Objects, err error) {
	if m.others == nil {
		m.others, err = kube.NewObjects(m.clients.Config, "")
	}
	return m.others, err
}

// names are the fields that differ, sorted.
func (d Drift) names() []string { return slices.Sorted(maps.Keys(d.Fields)) }
