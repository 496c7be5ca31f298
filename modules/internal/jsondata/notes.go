// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
)

// NotesKey is the key of jsonData under which notes of a data source are kept.
// Grafana keeps and ignores keys that it does not know.
const NotesKey = "picluster_settings"

// DigestKey is the key of jsonData that holds a digest for each secret that this
// collection has written. Where the digests are kept in a folder of the host, the
// key is in memory only.
const DigestKey = "picluster_secret_digests"

// Records are the keys of jsonData that this collection keeps for itself.
var Records = []string{DigestKey, OwnershipKey, ExemplarsKey, NotesKey}

// WithoutRecords is a copy of jsonData without them.
func WithoutRecords(settings map[string]any) map[string]any {
	made := maps.Clone(settings)
	for _, key := range Records {
		delete(made, key)
	}
	return made
}

// Notes record what this collection has set in a data source and what it had
// before, so that it can be restored. Derived fields have records of their own.
type Notes struct {
	// Made is true for a data source that this collection has created: there was
	// nothing before.
	Made bool
	// Adopted is true in a file that has taken over a data source which existed
	// before; such a file has notes even if nothing is set any more.
	Adopted bool
	set     []setting
}

// setting is one field that was set, wherever it is in the data source.
type setting struct {
	path []string
	// set is what was written, and was what it replaced; nil is none.
	set, was any
}

// NotesIn reads the notes in jsonData; there are none in that of a data source that
// nothing was set in.
func NotesIn(settings map[string]any) (notes Notes, found bool) {
	kept, found := settings[NotesKey].(map[string]any)
	notes.Made, _ = kept["made"].(bool)
	for _, item := range listOf(kept["set"]) {
		fields, _ := item.(map[string]any)
		var path []string
		for _, part := range listOf(fields["path"]) {
			path = append(path, Text(part))
		}
		notes.set = append(notes.set, setting{path, fields["set"], fields["was"]})
	}
	return notes, found
}

// Put writes the notes into jsonData; without any there is no such key.
func (n Notes) Put(settings map[string]any) {
	delete(settings, NotesKey)
	kept, items := map[string]any{}, []any{}
	for _, one := range n.set {
		path := []any{}
		for _, part := range one.path {
			path = append(path, part)
		}
		item := map[string]any{"path": path, "set": one.set, "was": one.was}
		maps.DeleteFunc(item, func(_ string, value any) bool { return value == nil })
		items = append(items, item)
	}
	if n.Made {
		kept["made"] = true
	}
	if len(items) > 0 {
		kept["set"] = items
	}
	if len(kept) > 0 || n.Adopted {
		settings[NotesKey] = kept
	}
}

// Noting adds what differs between two states of the fields. What is recorded already
// keeps its previous value, unless somebody has changed it since.
func (n Notes) Noting(before, after map[string]any) Notes {
	if n.Made {
		return n
	}
	noted := Notes{Adopted: n.Adopted, set: slices.Clone(n.set)}
	changes(nil, before, after, func(path []string, was, set any) {
		at := slices.IndexFunc(noted.set, func(one setting) bool { return slices.Equal(one.path, path) })
		switch {
		case at < 0:
			noted.set = append(noted.set, setting{path, set, was})
		case Same(noted.set[at].was, set):
			noted.set = slices.Delete(noted.set, at, at+1)
		case Same(noted.set[at].set, was):
			noted.set[at].set = set
		default:
			noted.set[at] = setting{path, set, was}
		}
	})
	slices.SortFunc(noted.set, func(a, b setting) int { return slices.Compare(a.path, b.path) })
	return noted
}

// changes visits the fields that differ. Maps are compared key by key, also where
// one of the two has none.
func changes(path []string, before, after map[string]any, visit func(path []string, was, set any)) {
	for _, key := range sets.List(sets.KeySet(before).Union(sets.KeySet(after))) {
		was, set := before[key], after[key]
		inner := append(slices.Clone(path), key)
		wasMap, isMap := was.(map[string]any)
		setMap, alsoMap := set.(map[string]any)
		switch {
		case Same(was, set):
		case (isMap || was == nil) && (alsoMap || set == nil):
			changes(inner, wasMap, setMap, visit)
		default:
			visit(inner, was, set)
		}
	}
}

// Restored are the fields as they were before. What somebody has changed since
// stays, and so do the fields of a data source that was made. The argument is not
// changed.
func (n Notes) Restored(fields map[string]any) map[string]any {
	restored := cloned(fields)
	for _, one := range n.set {
		if Same(at(restored, one.path), one.set) {
			put(restored, one.path, one.was)
		}
	}
	return restored
}

// cloned is a copy with maps of its own. Kubernetes' runtime.DeepCopyJSON panics at
// Go's int, which options hold, and overlay's copy makes a float64 of it.
func cloned(fields map[string]any) map[string]any {
	made := maps.Clone(fields)
	for key, value := range made {
		if inner, isMap := value.(map[string]any); isMap {
			made[key] = cloned(inner)
		}
	}
	return made
}

// at is the value at a path, nil for none.
func at(fields map[string]any, path []string) any {
	for _, key := range path[:len(path)-1] {
		fields, _ = fields[key].(map[string]any)
	}
	return fields[path[len(path)-1]]
}

// put writes a value to a path; nil removes it, with the maps that are left empty
// by that.
func put(fields map[string]any, path []string, value any) {
	key := path[0]
	if len(path) == 1 {
		fields[key] = value
		if value == nil {
			delete(fields, key)
		}
		return
	}
	inner, isMap := fields[key].(map[string]any)
	if !isMap {
		if value == nil {
			return
		}
		inner = map[string]any{}
		fields[key] = inner
	}
	put(inner, path[1:], value)
	if len(inner) == 0 {
		delete(fields, key)
	}
}
