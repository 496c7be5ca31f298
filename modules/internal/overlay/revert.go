// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

// Revert returns a copy of tree in which the settings listed in replaced are
// removed and what they replaced is restored. What somebody has changed since
// stays.
func Revert(tree map[string]any, replaced []Previous) map[string]any {
	reverted := copied(tree).(map[string]any)
	for i := len(replaced) - 1; i >= 0; i-- {
		revert(reverted, replaced[i])
	}
	return reverted
}

func revert(tree map[string]any, previous Previous) {
	value, ok := Get(tree, previous.Path[:len(previous.Path)-1]...)
	parent, isMap := value.(map[string]any)
	if !ok || !isMap {
		return
	}
	key := previous.Path[len(previous.Path)-1]
	switch {
	case previous.Container:
		revertContainer(parent, key, previous)
	case previous.Item != "":
		revertItem(parent, key, previous)
	default:
		revertValue(parent, key, previous)
	}
}

// Now is the current value in a tree of what was set, for an item the last of that
// name. A container has no value of its own.
func (p Previous) Now(tree map[string]any) (value any, ok bool) {
	value, ok = Get(tree, p.Path...)
	if p.Item == "" || !ok {
		return value, ok && !p.Container
	}
	list, _ := value.([]any)
	places := find(list, p.Item)
	if len(places) == 0 {
		return nil, false
	}
	return list[places[len(places)-1]], true
}

func revertContainer(parent map[string]any, key string, previous Previous) {
	if !empty(parent[key]) {
		return
	}
	restore(parent, key, previous)
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

func revertValue(parent map[string]any, key string, previous Previous) {
	now, ok := parent[key]
	if previous.Set == nil && ok || previous.Set != nil && !Equal(now, previous.Set) {
		return
	}
	restore(parent, key, previous)
}

func restore(parent map[string]any, key string, previous Previous) {
	if !previous.Had {
		delete(parent, key)
		return
	}
	parent[key] = copied(previous.Before)
}

func revertItem(parent map[string]any, key string, previous Previous) {
	list, isList := parent[key].([]any)
	if !isList {
		return
	}
	places := find(list, previous.Item)
	before, _ := previous.Before.([]any)
	if previous.Set == nil {
		if len(places) == 0 {
			parent[key] = append(list, copied(before).([]any)...)
		}
		return
	}
	if len(places) == 0 || !Equal(list[places[len(places)-1]], previous.Set) {
		return
	}
	last := places[len(places)-1]
	if len(before) > 0 {
		list[last] = copied(before[len(before)-1])
		return
	}
	parent[key] = without(list, []int{last})
}
