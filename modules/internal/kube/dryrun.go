// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DryRunApply asks the API server what the object would be after applying a
// manifest, or why it refuses. Nothing is stored, so it is a read.
func (o *Objects) DryRunApply(ctx context.Context, manifest *unstructured.Unstructured, how Applying) (*unstructured.Unstructured, error) {
	return o.apply(ctx, manifest, how, []string{meta.DryRunAll})
}

// DryRunPatch asks the API server what the object would be after a patch.
// Nothing is stored, so it is a read.
func (o *Objects) DryRunPatch(ctx context.Context, patch Patch, manager string) (*unstructured.Unstructured, error) {
	return o.Patch(ctx, patch, manager, true)
}

// DryRunCreate asks the API server whether it would create an object. It says nothing
// about a kind that the API server does not know.
func (o *Objects) DryRunCreate(ctx context.Context, manifest *unstructured.Unstructured, manager string) error {
	return o.dryRunCreate(ctx, "create "+RefOf(manifest).String(), manifest, manager)
}

// DryRunRecreate is DryRunCreate of an object as if none had its name.
func (o *Objects) DryRunRecreate(ctx context.Context, manifest *unstructured.Unstructured, manager string) error {
	fresh := manifest.DeepCopy()
	fresh.SetName(manifest.GetName() + "-rehearsal")
	return o.dryRunCreate(ctx, "check "+RefOf(manifest).String(), fresh, manager)
}

func (o *Objects) dryRunCreate(ctx context.Context, doing string, manifest *unstructured.Unstructured, manager string) error {
	ref := RefOf(manifest)
	kind, known, err := o.Kind(ctx, ref)
	if err != nil || !known {
		return err
	}
	_, err = o.at(ref, kind).Create(ctx, manifest, meta.CreateOptions{FieldManager: manager, DryRun: []string{meta.DryRunAll}})
	return Fault(doing, err)
}
