// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Fields is a set of fields in the API server's own form, a tree of "f:name",
// "k:{keys of a list's item}" and "v:value" (sigs.k8s.io/structured-merge-diff,
// fieldpath/serialize.go). A field with nothing below it is owned as a whole.
type Fields map[string]any

// itself stands for an item among the fields below it.
const itself = "."

// FieldsOf returns what a manager has applied to an object, nil for nothing.
func FieldsOf(object *unstructured.Unstructured, manager string) Fields {
	if object == nil {
		return nil
	}
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == manager && entry.Operation == meta.ManagedFieldsOperationApply && entry.Subresource == "" && entry.FieldsV1 != nil {
			return decodeFields(entry.FieldsV1.GetRawBytes())
		}
	}
	return nil
}

// Owned reports whether any manager owns a field of an object, those of its
// subresources left out: controllers write a status into objects of all.
func Owned(object *unstructured.Unstructured) bool {
	return slices.ContainsFunc(object.GetManagedFields(), func(entry meta.ManagedFieldsEntry) bool { return entry.Subresource == "" })
}

// NameAlone reports whether a manifest has no field but those that say which object
// it is.
func NameAlone(manifest *unstructured.Unstructured) bool {
	for key := range manifest.Object {
		if key != "apiVersion" && key != "kind" && key != "metadata" {
			return false
		}
	}
	metadata, _ := manifest.Object["metadata"].(map[string]any)
	for key := range metadata {
		if key != "name" && key != "namespace" {
			return false
		}
	}
	return true
}

func decodeFields(raw []byte) Fields {
	var fields Fields
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	return fields
}

// With returns the union of two sets.
func (f Fields) With(other Fields) Fields {
	return Fields(union(f, other))
}

func union(a, b map[string]any) map[string]any {
	all := map[string]any{}
	for key, below := range a {
		all[key] = below
	}
	for key, below := range b {
		inA, ok := all[key].(map[string]any)
		inB, _ := below.(map[string]any)
		if ok && whole(inA) || whole(inB) {
			all[key] = map[string]any{}
			continue
		}
		all[key] = union(inA, inB)
	}
	return all
}

// whole reports whether a field is owned with all it holds.
func whole(below map[string]any) bool {
	_, only := below[itself]
	return len(below) == 0 || (only && len(below) == 1)
}

// Of returns the part of an object that the set names, nil if it has none of it.
func (f Fields) Of(object *unstructured.Unstructured) any {
	if object == nil || len(f) == 0 {
		return nil
	}
	part, ok := cut(f, object.Object)
	if !ok {
		return nil
	}
	return part
}

// cut returns the named part of a value; ok is false when the value has
// nothing of it.
func cut(fields map[string]any, value any) (part any, ok bool) {
	if whole(fields) {
		return value, value != nil
	}
	switch v := value.(type) {
	case map[string]any:
		return cutMap(fields, v)
	case []any:
		return cutList(fields, v)
	}
	return value, value != nil
}

func cutMap(fields, value map[string]any) (any, bool) {
	part := map[string]any{}
	for key, below := range fields {
		name, isField := strings.CutPrefix(key, "f:")
		if !isField {
			continue
		}
		deeper, _ := below.(map[string]any)
		if item, ok := cut(deeper, value[name]); ok {
			part[name] = item
		}
	}
	_, empty := fields[itself]
	return part, len(part) > 0 || empty
}

// cutList keeps the items of a list that the set names, in the list's order.
func cutList(fields map[string]any, list []any) (any, bool) {
	part := []any{}
	for _, item := range list {
		deeper, named := find(fields, item)
		if !named {
			continue
		}
		if kept, ok := cut(deeper, item); ok {
			part = append(part, kept)
		}
	}
	return part, len(part) > 0
}

// find looks for the field that names an item of a list: by its keys, or by its
// value.
func find(fields map[string]any, item any) (below map[string]any, named bool) {
	for key, deeper := range fields {
		below, _ = deeper.(map[string]any)
		if text, isValue := strings.CutPrefix(key, "v:"); isValue && same(text, item) {
			return below, true
		}
		if text, isKeys := strings.CutPrefix(key, "k:"); isKeys && has(text, item) {
			return below, true
		}
	}
	return nil, false
}

func same(text string, item any) bool {
	var value any
	return json.Unmarshal([]byte(text), &value) == nil && equal(value, item)
}

func has(text string, item any) bool {
	var keys map[string]any
	fields, isMap := item.(map[string]any)
	if json.Unmarshal([]byte(text), &keys) != nil || !isMap {
		return false
	}
	for key, value := range keys {
		if !equal(value, fields[key]) {
			return false
		}
	}
	return true
}

// equal compares JSON scalars: a number is int64 in an object and float64 in a
// decoded key.
func equal(decoded, held any) bool {
	if whole, isInt := held.(int64); isInt {
		held = float64(whole)
	}
	return reflect.DeepEqual(decoded, held)
}
