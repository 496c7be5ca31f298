// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

// Strip returns a copy of tree in which the settings that the priors tell of are
// taken away and what they replaced is back. What somebody has changed since is
// theirs and stays.
func Strip(tree map[string]any, priors []Prior) map[string]any {
	stripped := copied(tree).(map[string]any)
	for i := len(priors) - 1; i >= 0; i-- {
		strip(stripped, priors[i])
	}
	return stripped
}

func strip(tree map[string]any, prior Prior) {
	value, there := Get(tree, prior.Path[:len(prior.Path)-1]...)
	parent, isMap := value.(map[string]any)
	if !there || !isMap {
		return
	}
	key := prior.Path[len(prior.Path)-1]
	switch {
	case prior.Container:
		stripContainer(parent, key, prior)
	case prior.Item != "":
		stripItem(parent, key, prior)
	default:
		stripValue(parent, key, prior)
	}
}

func stripContainer(parent map[string]any, key string, prior Prior) {
	if !empty(parent[key]) {
		return
	}
	restore(parent, key, prior)
}

func empty(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func stripValue(parent map[string]any, key string, prior Prior) {
	now, there := parent[key]
	if prior.Set == nil && there || prior.Set != nil && !Equal(now, prior.Set) {
		return
	}
	restore(parent, key, prior)
}

func restore(parent map[string]any, key string, prior Prior) {
	if !prior.Had {
		delete(parent, key)
		return
	}
	parent[key] = copied(prior.Before)
}

func stripItem(parent map[string]any, key string, prior Prior) {
	list, isList := parent[key].([]any)
	if !isList {
		return
	}
	places := find(list, prior.Item)
	before, _ := prior.Before.([]any)
	if prior.Set == nil {
		if len(places) == 0 {
			parent[key] = append(list, copied(before).([]any)...)
		}
		return
	}
	if len(places) == 0 || !Equal(list[places[len(places)-1]], prior.Set) {
		return
	}
	last := places[len(places)-1]
	if len(before) > 0 {
		list[last] = copied(before[len(before)-1])
		return
	}
	parent[key] = without(list, []int{last})
}
