// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/releaseutil"
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
		if err := yaml.Unmarshal([]byte(text), &content); err != nil {
			return nil, fmt.Errorf("read the manifest of the release: a document in it is not YAML")
		}
		if object, is := objectOf(content, namespace); is {
			all = append(all, object)
		}
	}
	slices.SortFunc(all, func(a, b Object) int { return cmp.Compare(a.Path(), b.Path()) })
	return all, nil
}

func objectOf(content map[string]any, namespace string) (Object, bool) {
	metadata, _ := content["metadata"].(map[string]any)
	object := Object{APIVersion: text(content["apiVersion"]), Kind: text(content["kind"]), Name: text(metadata["name"]),
		Namespace: cmp.Or(text(metadata["namespace"]), namespace), Content: content}
	return object, object.Kind != "" && object.Name != ""
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
