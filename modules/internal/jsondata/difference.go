// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import "k8s.io/apimachinery/pkg/util/sets"

// Difference holds what differs between two maps: only the keys that differ are
// in it, on the side that has them. Derived fields are compared by name.
func Difference(was, will map[string]any) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for key := range sets.KeySet(was).Union(sets.KeySet(will)) {
		part(before, after, key, was[key], will[key])
	}
	return before, after
}

// part goes into maps and into derived fields, so that foreign settings do not
// show.
func part(before, after map[string]any, key string, was, will any) {
	was, will = pruned(byName(key, was, will)), pruned(byName(key, will, was))
	if Same(was, will) {
		return
	}
	wasMap, isMap := was.(map[string]any)
	willMap, alsoMap := will.(map[string]any)
	if isMap != alsoMap && !isUnset(was) && !isUnset(will) || !isMap && !alsoMap {
		set(before, key, was)
		set(after, key, will)
		return
	}
	below, above := Difference(wasMap, willMap)
	if len(below) > 0 {
		before[key] = below
	}
	if len(above) > 0 {
		after[key] = above
	}
}

func set(side map[string]any, key string, value any) {
	if !isUnset(value) {
		side[key] = value
	}
}

// byName turns the list of derived fields into a map, in which each is compared
// with its namesake. Where a name is not of one field alone, on this side or on
// the other, the expression tells them apart, and then their order.
func byName(key string, value, other any) any {
	if key != DerivedFields {
		return value
	}
	fields := map[string]any{}
	for _, field := range listOf(value) {
		label := nameOf(field)
		if max(count(value, label), count(other, label)) > 1 {
			label += " " + idOf(field).matcher
		}
		for fields[label] != nil {
			label += " (again)"
		}
		fields[label] = field
	}
	return fields
}

// count is how many derived fields have a name.
func count(fields any, name string) int {
	number := 0
	for _, field := range listOf(fields) {
		if nameOf(field) == name {
			number++
		}
	}
	return number
}
