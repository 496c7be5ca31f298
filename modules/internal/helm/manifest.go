// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Object is one object of a release.
type Object struct {
	APIVersion, Kind string
	Namespace, Name  string
	// Content is the whole of it, JSON-like.
	Content map[string]any
}

// Path names the object as plans do: deployment/tempo-distributor.
func (o Object) Path() string { return strings.ToLower(o.Kind) + "/" + o.Name }

// Objects reads a release's manifest, sorted by path. An object without a
// namespace of its own is given the release's.
func Objects(manifest, namespace string) ([]Object, error) {
	var all []Object
	for _, text := range releaseutil.SplitManifests(manifest) {
		var content map[string]any
		// SplitManifests cuts the last newline, which belongs to a text that ends
		// the document.
		if err := yaml.Unmarshal([]byte(text+"\n"), &content); err != nil {
			return nil, fmt.Errorf("read the manifest of the release: a document in it is not YAML")
		}
		if object, ok := objectOf(content, namespace); ok {
			all = append(all, object)
		}
	}
	slices.SortFunc(all, func(a, b Object) int { return cmp.Compare(a.Path(), b.Path()) })
	return all, nil
}

func objectOf(content map[string]any, namespace string) (Object, bool) {
	read := unstructured.Unstructured{Object: content}
	object := Object{APIVersion: read.GetAPIVersion(), Kind: read.GetKind(), Name: read.GetName(),
		Namespace: cmp.Or(read.GetNamespace(), namespace), Content: content}
	return object, object.Kind != "" && object.Name != ""
}

// Owned is the object with the marks by which Helm knows its own (helm
// pkg/action/validate.go).
func (o Object) Owned(release, namespace string) map[string]any {
	return Merge(o.Content, map[string]any{"metadata": map[string]any{
		"namespace":   o.Namespace,
		"labels":      map[string]any{"app.kubernetes.io/managed-by": "Helm"},
		"annotations": map[string]any{"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace},
	}})
}
