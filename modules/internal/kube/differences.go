// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// bookkeeping are fields of metadata that the API server keeps for itself.
var bookkeeping = []string{"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"}

// Differences lists the fields in which two states of an object differ as the API
// server stores them, with the value on each side, nil for none. Status and the
// API server's own bookkeeping are left out. An item of a list is named by its place:
// "spec.ports[1].port".
func Differences(a, b *unstructured.Unstructured) map[string][2]any {
	found := map[string][2]any{}
	first, errA := storedFields(a)
	second, errB := storedFields(b)
	if errA != nil || errB != nil { // one does not fit its kind
		first, second = a.DeepCopy().Object, b.DeepCopy().Object
	}
	differences("", plain(first), plain(second), found)
	return found
}

func plain(fields map[string]any) map[string]any {
	delete(fields, "status")
	if metadata, is := fields["metadata"].(map[string]any); is {
		for _, key := range bookkeeping {
			delete(metadata, key)
		}
	}
	return fields
}

// storedFields are an object's fields as the API server stores them.
func storedFields(object *unstructured.Unstructured) (fields map[string]any, err error) {
	data, err := stored(object)
	if err != nil {
		return nil, err
	}
	err = utiljson.Unmarshal(data, &fields)
	return fields, err
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
