// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"fmt"
	"reflect"
	"slices"
)

// Lay returns a copy of tree with every entry in place, and what each of them
// replaced. Laying the same entries again changes nothing. It is an error when
// something that is no map stands where a map has to be.
func Lay(tree map[string]any, entries []Entry) (map[string]any, []Prior, error) {
	laid := copied(tree).(map[string]any)
	var priors []Prior
	for _, entry := range entries {
		made, err := lay(laid, entry)
		if err != nil {
			return nil, nil, err
		}
		priors = append(priors, made...)
	}
	return laid, priors, nil
}

func lay(tree map[string]any, entry Entry) ([]Prior, error) {
	if entry.Remove && !reachable(tree, entry) {
		return nil, nil
	}
	parent, priors, err := descend(tree, entry.Path[:len(entry.Path)-1])
	if err != nil {
		return nil, err
	}
	if entry.Item != "" {
		made, err := layItem(parent, entry)
		return append(priors, made...), err
	}
	key := entry.Path[len(entry.Path)-1]
	before, had := parent[key]
	if had && entry.Default {
		return priors, nil
	}
	prior := Prior{Path: entry.Path, Had: had, Before: copied(before)}
	if entry.Remove {
		delete(parent, key)
		return append(priors, prior), nil
	}
	prior.Set = copied(entry.Value)
	parent[key] = copied(entry.Value)
	return append(priors, prior), nil
}

// descend walks down the maps of path and makes those that are missing or null.
func descend(tree map[string]any, path []string) (map[string]any, []Prior, error) {
	var made []Prior
	for i, key := range path {
		at := slices.Clone(path[:i+1])
		below, had := tree[key]
		if below == nil {
			made = append(made, Prior{Path: at, Container: true, Had: had})
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

func layItem(parent map[string]any, entry Entry) ([]Prior, error) {
	key := entry.Path[len(entry.Path)-1]
	value, had := parent[key]
	var priors []Prior
	if value == nil {
		priors = append(priors, Prior{Path: entry.Path, Container: true, Had: had})
		value = []any{}
	}
	list, isList := value.([]any)
	if !isList {
		return nil, fmt.Errorf("values %s must be a list", name(entry.Path, ""))
	}
	places := find(list, entry.Item)
	if entry.Default && len(places) > 0 {
		return nil, nil
	}
	prior := Prior{Path: entry.Path, Item: entry.Item, Had: len(places) > 0, Set: copied(entry.Value)}
	if prior.Had {
		prior.Before = picked(list, places)
	}
	parent[key] = withItem(list, places, entry)
	return append(priors, prior), nil
}

// withItem puts the entry's value in the place of the last item of its name,
// since the last of several flags or variables wins, or else at the end.
func withItem(list []any, places []int, entry Entry) []any {
	if entry.Remove {
		return without(list, places)
	}
	if len(places) == 0 {
		return append(list, copied(entry.Value))
	}
	list[places[len(places)-1]] = copied(entry.Value)
	return list
}

func reachable(tree map[string]any, entry Entry) bool {
	value, there := Get(tree, entry.Path...)
	if entry.Item == "" || !there {
		return there
	}
	list, _ := value.([]any)
	return len(find(list, entry.Item)) > 0
}

// Text is a text in a tree of values, "" where there is none.
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
		below, there := parent[key]
		if !there {
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

// copied is a deep copy of a JSON-like value, with every number a float64 as
// JSON has it.
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
