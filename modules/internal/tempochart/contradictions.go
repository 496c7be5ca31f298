// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/helm"
)

// contradictions are the dotted paths in the user's values that override what the
// options say, by the option. Lists that carry credentials or the CA are joined, not replaced.
func (r Rendered) contradictions() (map[string][]string, error) {
	options := r.options
	options.Values = nil
	own, err := Composer{Config: options, Chart: r.chart}.Compose()
	found := map[string][]string{}
	for _, path := range overruled("", own, r.options.Values) {
		for _, effect := range effects {
			if covers(effect.places, path) {
				found[effect.option] = append(found[effect.option], path)
			}
		}
	}
	return found, err
}

// overruled walks through both side by side.
func overruled(path string, own, values map[string]any) (paths []string) {
	for _, key := range sortedKeys(values) {
		mine, ok := own[key]
		if !ok {
			continue
		}
		below := strings.TrimPrefix(path+"."+key, ".")
		inner, isMap := mine.(map[string]any)
		outer, both := values[key].(map[string]any)
		_, list := values[key].([]any)
		switch {
		case isMap && both:
			paths = append(paths, overruled(below, inner, outer)...)
		case list && carries(key), same(mine, values[key]):
		default:
			paths = append(paths, below)
		}
	}
	return paths
}

// covers reports whether one of the places is at a path, above it or below it.
func covers(places []string, path string) bool {
	return slices.ContainsFunc(places, func(place string) bool {
		return overlap(strings.Split(place, "."), strings.Split(path, "."))
	})
}

// leaves are the dotted paths of all that is not a map.
func leaves(path string, values map[string]any) (paths []string) {
	for _, key := range sortedKeys(values) {
		below := strings.TrimPrefix(path+"."+key, ".")
		if inner, ok := values[key].(map[string]any); ok {
			paths = append(paths, leaves(below, inner)...)
			continue
		}
		paths = append(paths, below)
	}
	return paths
}

// overlap reports whether one of the paths leads to the other.
func overlap(place, path []string) bool {
	for i := range min(len(place), len(path)) {
		if place[i] != path[i] && (place[i] != "*" || !isComponent(path[i])) {
			return false
		}
	}
	return true
}

// isComponent reports whether a key of the values is that of a component, or of all of
// Tempo.
func isComponent(key string) bool {
	_, ok := presets()["raspberrypi"].components[key]
	return ok || key == "tempo"
}

// lookup finds a value by its dotted path, or nil.
func lookup(values map[string]any, path string) any {
	return helm.Lookup(values, strings.Split(path, ".")...)
}

func sortedKeys(values map[string]any) []string { return slices.Sorted(maps.Keys(values)) }
