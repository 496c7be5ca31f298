// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// editor changes the nodes of one YAML document.
type editor struct{ root *yaml.Node }

// sync changes node, whose value is have, so that it is want. Nodes whose value
// does not differ are not touched.
func (e *editor) sync(node *yaml.Node, have, want any) error {
	if Equal(have, want) {
		return nil
	}
	if node.Kind == yaml.AliasNode {
		e.detach(node)
	}
	switch w := want.(type) {
	case map[string]any:
		if h, isMap := have.(map[string]any); isMap && node.Kind == yaml.MappingNode {
			return e.syncMap(node, h, w)
		}
	case []any:
		if h, isList := have.([]any); isList && node.Kind == yaml.SequenceNode {
			return e.syncList(node, h, w)
		}
	}
	return e.replace(node, want)
}

func (e *editor) syncMap(node *yaml.Node, have, want map[string]any) error {
	if e.mergedAway(node, have, want) {
		e.unmerge(node)
	}
	own := e.keys(node)
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, keep := want[key]; !keep {
			e.drop(node, key)
		}
	}
	for _, key := range ordered(want, own) {
		before, had := have[key]
		if had && Equal(before, want[key]) {
			continue
		}
		if err := e.put(node, key, before, want[key]); err != nil {
			return err
		}
	}
	return nil
}

// ordered lists the keys of want: the existing ones in their order, then the
// new ones by name.
func ordered(want map[string]any, own []string) []string {
	keys := slices.DeleteFunc(slices.Clone(own), func(key string) bool { _, wanted := want[key]; return !wanted })
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (e *editor) put(node *yaml.Node, key string, have, want any) error {
	if i := e.place(node, key); i >= 0 {
		return e.sync(node.Content[i+1], have, want)
	}
	value := &yaml.Node{}
	if err := value.Encode(want); err != nil {
		return fmt.Errorf("write value %s: %w", key, err)
	}
	name := &yaml.Node{}
	name.SetString(key)
	if node.Style == yaml.FlowStyle && len(node.Content) == 0 {
		node.Style = 0
	}
	node.Content = append(node.Content, name, value)
	return nil
}

func (e *editor) drop(node *yaml.Node, key string) {
	for i := e.place(node, key); i >= 0; i = e.place(node, key) {
		e.free(node.Content[i+1])
		node.Content = slices.Delete(node.Content, i, i+2)
	}
}

// place returns the index of a key in a mapping: the last one, which wins if a
// key occurs twice, or -1.
func (e *editor) place(node *yaml.Node, key string) int {
	own := e.keys(node)
	for i := len(own) - 1; i >= 0; i-- {
		if own[i] == key && !merging(node.Content[2*i]) {
			return 2 * i
		}
	}
	return -1
}

func (e *editor) keys(node *yaml.Node) []string {
	var keys []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		keys = append(keys, keyText(node.Content[i]))
	}
	return keys
}

// keyText is a key as Helm sees it: "on" and 8080 become text by way of YAML 1.1
// and JSON.
func keyText(node *yaml.Node) string {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	var seen map[string]any
	if node.Style == 0 && sigs.Unmarshal([]byte(node.Value+": 0"), &seen) == nil && len(seen) == 1 {
		for key := range seen {
			return key
		}
	}
	return node.Value
}

// syncList keeps the nodes of equal items, changes those of the same name and
// adds the rest.
func (e *editor) syncList(node *yaml.Node, have, want []any) error {
	old, used := node.Content, make([]bool, len(have))
	items := make([]*yaml.Node, len(want))
	for pass, same := range []func(a, b any) bool{Equal, sameName} {
		for i, item := range want {
			j := unused(have, used, func(candidate any) bool { return same(candidate, item) })
			if items[i] != nil || j < 0 {
				continue
			}
			used[j], items[i] = true, old[j]
			if err := e.sync(old[j], have[j], item); pass > 0 && err != nil {
				return err
			}
		}
	}
	for i, item := range want {
		if items[i] != nil {
			continue
		}
		items[i] = &yaml.Node{}
		if err := items[i].Encode(item); err != nil {
			return fmt.Errorf("write list item: %w", err)
		}
	}
	for j, kept := range used {
		if !kept {
			e.free(old[j])
		}
	}
	if node.Style == yaml.FlowStyle && len(old) == 0 {
		node.Style = 0
	}
	node.Content = items
	return nil
}

func sameName(a, b any) bool { return Identity(a) != "" && Identity(a) == Identity(b) }

func unused(have []any, used []bool, match func(any) bool) int {
	for j, candidate := range have {
		if !used[j] && match(candidate) {
			return j
		}
	}
	return -1
}

func (e *editor) replace(node *yaml.Node, want any) error {
	e.free(node)
	fresh := &yaml.Node{}
	if err := fresh.Encode(want); err != nil {
		return fmt.Errorf("write value: %w", err)
	}
	fresh.HeadComment, fresh.LineComment, fresh.FootComment = node.HeadComment, node.LineComment, node.FootComment
	if fresh.Kind == yaml.ScalarNode && node.Kind == yaml.ScalarNode && fresh.ShortTag() == "!!str" {
		fresh.Style = node.Style
	}
	*node = *fresh
	return nil
}
