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
