// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
)

// dryRun asks what applying would do. A refusal is the plan's to report; a server
// that does not answer ends the run.
func (c *client) dryRun(ctx context.Context, spec Spec, objects []Object, i int) error {
	object := &objects[i]
	if object.Terminating || object.Live == nil && toBeMade(objects, object.Ref) {
		return nil
	}
	proposal, err := c.cluster.DryRunApply(ctx, object.Manifest, spec.applying())
	if err != nil && !kube.Refused(err) {
		return err
	}
	object.Proposal, object.Refusal = proposal, kube.Redacted(object.Manifest.Object, err)
	return nil
}

// toBeMade reports whether an object's namespace or kind is still to be created by
// another manifest.
func toBeMade(objects []Object, ref kube.Ref) bool {
	return slices.ContainsFunc(objects, func(other Object) bool {
		if other.Live != nil && !other.Terminating {
			return false
		}
		return other.Ref.Kind == "Namespace" && other.Ref.Name == ref.Namespace || defines(other.Manifest, ref)
	})
}

// defines reports whether a manifest is the CustomResourceDefinition of ref's kind.
func defines(manifest *unstructured.Unstructured, ref kube.Ref) bool {
	if manifest.GetKind() != "CustomResourceDefinition" {
		return false
	}
	group, _, _ := unstructured.NestedString(manifest.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(manifest.Object, "spec", "names", "kind")
	return kind == ref.Kind && len(ref.APIVersion) > len(group) && ref.APIVersion[:len(group)+1] == group+"/"
}
