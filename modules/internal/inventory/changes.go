// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// noise is on every object of a chart and changes with its version.
var noise = []string{"metadata.labels.helm.sh/chart", "metadata.labels.app.kubernetes.io/version"}

// Changes is what the new manifest means for the release's objects: which are
// created, which are removed, and which fields of the others change. Values are
// left out: the configuration is one whole text, and may be confidential.
func Changes(before, after []helm.Object) map[string]any {
	old, diff := map[string]helm.Object{}, map[string]any{}
	for _, object := range before {
		old[object.Path()] = object
	}
	for _, object := range after {
		was, ok := old[object.Path()]
		delete(old, object.Path())
		if !ok {
			diff[object.Path()] = "created"
			continue
		}
		if fields := changedFields(was, object); len(fields) > 0 {
			diff[object.Path()] = "changed: " + strings.Join(fields, ", ")
		}
	}
	for path := range old {
		diff[path] = "removed"
	}
	return diff
}

// changedFields are the fields that differ, sorted.
func changedFields(a, b helm.Object) []string {
	fields := kube.Differences(&unstructured.Unstructured{Object: a.Content}, &unstructured.Unstructured{Object: b.Content})
	for name := range fields {
		if slices.ContainsFunc(noise, func(end string) bool { return strings.HasSuffix(name, end) }) {
			delete(fields, name)
		}
	}
	return slices.Sorted(maps.Keys(fields))
}
