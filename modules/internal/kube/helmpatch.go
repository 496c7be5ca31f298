// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/picluster/tracing/modules/internal/fault"
)

// HelmPatch is the patch that Helm 3 sends in an upgrade (helm pkg/kube/client.go,
// createPatch). Unlike ThreeWay it takes manifests as they are written, and live as the
// API server sent it: what is only written differently is sent, and what is not needs no
// right. Of a kind that does not come with Kubernetes Helm does not look at the live object.
func HelmPatch(before, manifest, live *unstructured.Unstructured) (Patch, error) {
	patch := Patch{Ref: RefOf(live)}
	doing := "compare " + patch.Ref.String() + " with the manifest"
	if !scheme.Scheme.Recognizes(manifest.GroupVersionKind()) {
		live = before
	}
	var texts [3][]byte
	for i, object := range []*unstructured.Unstructured{before, manifest, live} {
		text, err := json.Marshal(object.Object)
		if err != nil {
			return patch, fault.Wrap(fault.Internal, "", doing, err)
		}
		texts[i] = text
	}
	var err error
	patch.kind, patch.data, err = threeWay(texts[0], texts[1], texts[2], manifest)
	return patch, fault.During(doing, err)
}
