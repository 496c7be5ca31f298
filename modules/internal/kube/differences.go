// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/picluster/tracing/modules/internal/secret"
)

// bookkeeping lists the metadata fields that the API server maintains.
var bookkeeping = []string{"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"}

// Differences lists the fields in which two states of an object, as the API
// server stores them, differ, with the value on each side, nil for none. Status
// and the API server's bookkeeping are left out. A list item is named by its
// index: "spec.ports[1].port". The values are masked here: which are secret shows
// only in the whole object, for example by a variable's name.
func Differences(a, b *unstructured.Unstructured) map[string][2]any {
	first, errA := storedFields(a)
	second, errB := storedFields(b)
	if errA != nil || errB != nil { // one does not match its kind
		first, second = a.DeepCopy().Object, b.DeepCopy().Object
	}
	before, after := plain(first), plain(second)
	cleanBefore, cleanAfter := secret.MaskedPair(before, after)
	found := map[string][2]any{}
	differences("", side{before, cleanBefore}, side{after, cleanAfter}, found)
	return found
}

// side is a value of one of the states, plain and masked.
type side struct{ value, shown any }

func (s side) field(key string) side {
	value, _ := s.value.(map[string]any)
	shown, _ := s.shown.(map[string]any)
	return side{value[key], shown[key]}
}

func (s side) item(i int) side {
	if shown, ok := s.shown.([]any); ok {
		return side{s.value.([]any)[i], shown[i]}
	}
	return side{s.value.([]any)[i], s.shown}
}

func plain(fields map[string]any) map[string]any {
	delete(fields, "status")
	if metadata, ok := fields["metadata"].(map[string]any); ok {
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

func differences(path string, a, b side, found map[string][2]any) {
	aMap, aIs := a.value.(map[string]any)
	bMap, bIs := b.value.(map[string]any)
	if aIs && bIs {
		for _, key := range sets.List(sets.KeySet(aMap).Union(sets.KeySet(bMap))) {
			differences(join(path, key), a.field(key), b.field(key), found)
		}
		return
	}
	aList, aIs := a.value.([]any)
	bList, bIs := b.value.([]any)
	if aIs && bIs && len(aList) == len(bList) {
		for i := range aList {
			differences(fmt.Sprintf("%s[%d]", path, i), a.item(i), b.item(i), found)
		}
		return
	}
	if !reflect.DeepEqual(a.value, b.value) {
		found[path] = [2]any{a.shown, b.shown}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
