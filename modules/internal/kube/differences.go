// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// bookkeeping are fields of metadata that the API server keeps for itself.
var bookkeeping = []string{"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"}

// Differences lists the fields in which two states of an object differ, with
// the value on each side, nil for none. Status and the API server's own
// bookkeeping are left out. An item of a list is named by its place:
// "spec.ports[1].port".
func Differences(a, b *unstructured.Unstructured) map[string][2]any {
	found := map[string][2]any{}
	differences("", plain(a), plain(b), found)
	return found
}

func plain(object *unstructured.Unstructured) map[string]any {
	copied := object.DeepCopy().Object
	delete(copied, "status")
	if metadata, is := copied["metadata"].(map[string]any); is {
		for _, key := range bookkeeping {
			delete(metadata, key)
		}
	}
	return copied
}

func differences(path string, a, b any, found map[string][2]any) {
	aMap, aIs := a.(map[string]any)
	bMap, bIs := b.(map[string]any)
	if aIs && bIs {
		for _, key := range keys(aMap, bMap) {
			differences(join(path, key), aMap[key], bMap[key], found)
		}
		return
	}
	aList, aIs := a.([]any)
	bList, bIs := b.([]any)
	if aIs && bIs && len(aList) == len(bList) {
		for i := range aList {
			differences(fmt.Sprintf("%s[%d]", path, i), aList[i], bList[i], found)
		}
		return
	}
	if !reflect.DeepEqual(a, b) {
		found[path] = [2]any{a, b}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func keys(a, b map[string]any) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
