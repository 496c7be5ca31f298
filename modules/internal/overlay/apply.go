// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"fmt"
	"reflect"
	"slices"
)

// Apply returns a copy of tree with every setting in place, and what each of them
// replaced. Applying the same settings again changes nothing. It is an error if
// something other than a map is where a map is needed.
func Apply(tree map[string]any, settings []Setting) (map[string]any, []Previous, error) {
	applied := copied(tree).(map[string]any)
	var replaced []Previous
	for _, setting := range settings {
		made, err := apply(applied, setting)
		if err != nil {
			return nil, nil, err
		}
		replaced = append(replaced, made...)
	}
	return applied, replaced, nil
}

func apply(tree map[string]any, setting Setting) ([]Previous, error) {
	if setting.Remove && !reachable(tree, setting) {
		return nil, nil
	}
	parent, replaced, err := descend(tree, setting.Path[:len(setting.Path)-1])
	if err != nil {
		return nil, err
	}
	if setting.Item != "" {
		made, err := applyItem(parent, setting)
		return append(replaced, made...), err
	}
	key := setting.Path[len(setting.Path)-1]
	before, had := parent[key]
	if had && setting.Default {
		return replaced, nil
	}
	previous := Previous{Path: setting.Path, Had: had, Before: copied(before)}
	if setting.Remove {
		delete(parent, key)
		return append(replaced, previous), nil
	}
	previous.Set = copied(setting.Value)
	parent[key] = copied(setting.Value)
	return append(replaced, previous), nil
}

// descend walks down the maps of path and creates those missing or null.
func descend(tree map[string]any, path []string) (map[string]any, []Previous, error) {
	var made []Previous
	for i, key := range path {
		at := slices.Clone(path[:i+1])
		below, had := tree[key]
		if below == nil {
			made = append(made, Previous{Path: at, Container: true, Had: had})
			below = map[string]any{}
			tree[key] = below
		}
		next, isMap := below.(map[string]any)
		if !isMap {
			return nil, nil, fmt.Errorf("values %s must be a map to hold %s", name(at, ""), path[len(path)-1])
		}
		tree = next
	}
	return tree, made, nil
}

func applyItem(parent map[string]any, setting Setting) ([]Previous, error) {
	key := setting.Path[len(setting.Path)-1]
	value, had := parent[key]
	var replaced []Previous
	if value == nil {
		replaced = append(replaced, Previous{Path: setting.Path, Container: true, Had: had})
		value = []any{}
	}
	list, isList := value.([]any)
	if !isList {
		return nil, fmt.Errorf("values %s must be a list", name(setting.Path, ""))
	}
	places := find(list, setting.Item)
	if setting.Default && len(places) > 0 {
		return nil, nil
	}
	previous := Previous{Path: setting.Path, Item: setting.Item, Had: len(places) > 0, Set: copied(setting.Value)}
	if previous.Had {
		previous.Before = picked(list, places)
	}
	parent[key] = withItem(list, places, setting)
	return append(replaced, previous), nil
}

// withItem replaces the last item of that name, since the last of several flags
// or variables wins, or appends one.
func withItem(list []any, places []int, setting Setting) []any {
	if setting.Remove {
		return without(list, places)
	}
	if len(places) == 0 {
		return append(list, copied(setting.Value))
	}
	list[places[len(places)-1]] = copied(setting.Value)
	return list
}

func reachable(tree map[string]any, setting Setting) bool {
	value, ok := Get(tree, setting.Path...)
	if setting.Item == "" || !ok {
		return ok
	}
	list, _ := value.([]any)
	return len(find(list, setting.Item)) > 0
}

// Text is a string in a tree of values, "" if there is none.
func Text(tree map[string]any, path ...string) string {
	value, _ := Get(tree, path...)
	text, _ := value.(string)
	return text
}

// Get returns the value at a path of maps.
func Get(tree map[string]any, path ...string) (any, bool) {
	var value any = tree
	for _, key := range path {
		parent, isMap := value.(map[string]any)
		if !isMap {
			return nil, false
		}
		below, ok := parent[key]
		if !ok {
			return nil, false
		}
		value = below
	}
	return value, true
}

// Items returns the items of that name in the list at a path.
func Items(tree map[string]any, item string, path ...string) []any {
	value, _ := Get(tree, path...)
	list, _ := value.([]any)
	return picked(list, find(list, item))
}

func find(list []any, item string) []int {
	var places []int
	for i, candidate := range list {
		if Identity(candidate) == item {
			places = append(places, i)
		}
	}
	return places
}

func picked(list []any, places []int) []any {
	var items []any
	for _, place := range places {
		items = append(items, copied(list[place]))
	}
	return items
}

func without(list []any, places []int) []any {
	rest := []any{}
	for i, item := range list {
		if !slices.Contains(places, i) {
			rest = append(rest, item)
		}
	}
	return rest
}

// copied is a deep copy of a JSON-like value, with every number a float64 as in
// JSON.
func copied(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clone := make(map[string]any, len(v))
		for key, item := range v {
			clone[key] = copied(item)
		}
		return clone
	case []any:
		clone := make([]any, len(v))
		for i, item := range v {
			clone[i] = copied(item)
		}
		return clone
	case int:
		return float64(v)
	case int64:
		return float64(v)
	}
	return value
}

// Equal compares two JSON-like values. A whole number equals itself as a float.
func Equal(a, b any) bool { return reflect.DeepEqual(copied(a), copied(b)) }
