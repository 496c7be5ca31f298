// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"reflect"
	"slices"
)

// derivedFields is the one list that is merged item by item. Names do not have to
// differ in it.
const derivedFields = "derivedFields"

// merged lays over onto base: maps key by key, derived fields by name, all
// else whole. A nil in over stays, as the sign to remove the key. Neither
// argument is changed.
func merged(base, over map[string]any) map[string]any {
	made := maps.Clone(base)
	if made == nil {
		made = map[string]any{}
	}
	for key, value := range over {
		below, isMap := made[key].(map[string]any)
		above, alsoMap := value.(map[string]any)
		switch {
		case isMap && alsoMap:
			made[key] = merged(below, above)
		case key == derivedFields && value != nil:
			made[key] = mergedFields(listOf(made[key]), listOf(value))
		default:
			made[key] = value
		}
	}
	return made
}

// mergedFields merges two lists of one task by name, the first of a name with the
// first. It keeps the order: fields that are there stay where they are.
func mergedFields(base, over []any) []any {
	made, used := slices.Clone(base), make([]bool, len(base))
	for _, item := range over {
		field, _ := item.(map[string]any)
		at := namesake(base, used, nameOf(item))
		if at < 0 {
			made = append(made, item)
			continue
		}
		there, _ := made[at].(map[string]any)
		made[at], used[at] = merged(there, field), true
	}
	return made
}

// namesake is the first unused field of a name, -1 for none.
func namesake(fields []any, used []bool, name string) int {
	for i, field := range fields {
		if !used[i] && nameOf(field) == name {
			return i
		}
	}
	return -1
}

func nameOf(field any) string {
	named, _ := field.(map[string]any)
	return text(named["name"])
}

// withoutNil removes the keys that a nil marks, at every depth.
func withoutNil(value any) any {
	v, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	made := map[string]any{}
	for key, item := range v {
		if item != nil {
			made[key] = withoutNil(item)
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

// same compares two parts of jsonData by what they mean.
func same(a, b any) bool { return reflect.DeepEqual(pruned(a), pruned(b)) }
