// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

// Set puts a value at a path, making the maps on the way.
func Set(values map[string]any, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		inner, ok := values[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			values[key] = inner
		}
		values = inner
	}
	values[path[len(path)-1]] = value
}

// Lookup returns what is at a path, or nil.
func Lookup(values map[string]any, path ...string) any {
	var at any = values
	for _, key := range path {
		inner, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = inner[key]
	}
	return at
}

// Merge returns base with over merged into it: maps are merged, anything else
// of over replaces. Neither is changed.
func Merge(base, over map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range base {
		merged[key] = value
	}
	for key, value := range over {
		inner, both := merged[key].(map[string]any)
		outer, ok := value.(map[string]any)
		if both && ok {
			value = Merge(inner, outer)
		}
		merged[key] = value
	}
	return merged
}
