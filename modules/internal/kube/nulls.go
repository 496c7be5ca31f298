// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"bytes"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DropNulls removes the fields of a manifest that are null, where that is for its
// kind the same as not to mention them. The API server takes an applied null for the
// wish to clear the field each time: what its admission has filled in on creation,
// such as the class of an Ingress or of a volume claim, would then never stay, or
// the update would be refused. A null in a custom resource, or among the entries of
// a map of texts such as labels, stays.
func DropNulls(object *unstructured.Unstructured) {
	before, err := stored(object)
	if err != nil { // the API server says what is wrong
		return
	}
	dropNulls(object.Object, func() bool {
		after, err := stored(object)
		return err == nil && bytes.Equal(before, after)
	})
}

// dropNulls removes each null below a value, unless same then reports a difference.
func dropNulls(value any, same func() bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner != nil {
				dropNulls(inner, same)
				continue
			}
			delete(v, key)
			if !same() {
				v[key] = nil
			}
		}
	case []any:
		for _, item := range v {
			dropNulls(item, same)
		}
	}
}
