// SPDX-License-Identifier: AGPL-3.0-or-later

// Package jsondata builds, merges and compares the jsonData of a Grafana data
// source: the typed settings of Tempo and Loki, derived fields with their ownership
// records, and numbered headers. It is pure.
package jsondata

import (
	"maps"
	"reflect"
	"slices"
)

// DerivedFields is the key of the one list that is merged item by item. Names do
// not have to differ in it.
const DerivedFields = "derivedFields"

// Merge merges over into base: maps key by key, derived fields by name, all else
// whole. A nil in over stays, as the sign to remove the key. Neither argument is
// changed. Helm's rules, which helm.Merge follows, know no list that is merged.
func Merge(base, over map[string]any) map[string]any {
	made := maps.Clone(base)
	if made == nil {
		made = map[string]any{}
	}
	for key, value := range over {
		below, isMap := made[key].(map[string]any)
		above, alsoMap := value.(map[string]any)
		switch {
		case isMap && alsoMap:
			made[key] = Merge(below, above)
		case key == DerivedFields && value != nil:
			made[key] = mergeFields(listOf(made[key]), listOf(value))
		default:
			made[key] = value
		}
	}
	return made
}

// mergeFields merges two lists of one task by name, the first of a name with the
// first. It keeps the order: existing fields stay where they are.
func mergeFields(base, over []any) []any {
	made, used := slices.Clone(base), make([]bool, len(base))
	for _, item := range over {
		field, isField := item.(map[string]any)
		at := namesake(base, used, nameOf(item))
		if !isField || at < 0 {
			made = appendNew(made, item, isField)
			continue
		}
		current, _ := made[at].(map[string]any)
		made[at], used[at] = Merge(current, field), true
	}
	return made
}

// appendNew appends an item; what is not a field only if the list does not have it.
func appendNew(list []any, item any, isField bool) []any {
	if !isField && slices.ContainsFunc(list, func(other any) bool { return Same(other, item) }) {
		return list
	}
	return append(list, item)
}

// namesake is the first unused field of a name, -1 for none.
func namesake(fields []any, used []bool, name string) int {
	for i, field := range fields {
		if _, isField := field.(map[string]any); isField && !used[i] && nameOf(field) == name {
			return i
		}
	}
	return -1
}

func nameOf(field any) string {
	named, _ := field.(map[string]any)
	return Text(named["name"])
}

// WithoutNil returns the settings without the keys that a nil marks, at every
// depth.
func WithoutNil(settings map[string]any) map[string]any {
	made := map[string]any{}
	for key, item := range settings {
		inner, isMap := item.(map[string]any)
		switch {
		case isMap:
			made[key] = WithoutNil(inner)
		case item != nil:
			made[key] = item
		}
	}
	return made
}

// pruned drops what counts as unset at every depth: nil, {} and [].
func pruned(value any) any {
	switch v := value.(type) {
	case map[string]any:
		made := map[string]any{}
		for key, item := range v {
			if item = pruned(item); !isUnset(item) {
				made[key] = item
			}
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, item := range v {
			made[i] = pruned(item)
		}
		return made
	}
	return value
}

func isUnset(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// Same compares two parts of jsonData by their meaning.
func Same(a, b any) bool { return reflect.DeepEqual(pruned(a), pruned(b)) }
