// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import "go.yaml.in/yaml/v3"

// detach turns an alias into a copy of its anchor's value, so that a change to
// it leaves that value alone.
func (e *editor) detach(alias *yaml.Node) {
	clone := cloned(alias.Alias)
	clone.HeadComment, clone.LineComment, clone.FootComment = alias.HeadComment, alias.LineComment, alias.FootComment
	*alias = *clone
}

// free prepares a node for removal: aliases elsewhere to it or to something in
// it become copies.
func (e *editor) free(node *yaml.Node) {
	doomed := map[*yaml.Node]bool{}
	walk(node, func(n *yaml.Node) { doomed[n] = true })
	walk(e.root, func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode && doomed[n.Alias] && !doomed[n] {
			e.detach(n)
		}
	})
}

// cloned copies a node deeply, without its anchors: each must be unique.
func cloned(node *yaml.Node) *yaml.Node {
	clone := *node
	clone.Anchor = ""
	clone.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		clone.Content[i] = cloned(child)
	}
	return &clone
}

func merging(key *yaml.Node) bool { return key.Tag == "!!merge" }

// mergedAway reports whether a key to remove comes from a merge key, where it
// cannot be removed.
func (e *editor) mergedAway(node *yaml.Node, have, want map[string]any) bool {
	for key := range have {
		if _, keep := want[key]; !keep && e.place(node, key) < 0 {
			return true
		}
	}
	return false
}

// unmerge replaces the merge keys of a mapping by the pairs they merge in.
func (e *editor) unmerge(node *yaml.Node) {
	var own, brought []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		if merging(node.Content[i]) {
			brought = append(brought, sources(node.Content[i+1])...)
			continue
		}
		own = append(own, node.Content[i], node.Content[i+1])
	}
	node.Content = own
	for _, source := range brought {
		e.bring(node, cloned(source))
	}
}

// sources are the mappings behind the value of a merge key: one, or a list of
// which the first wins.
func sources(value *yaml.Node) []*yaml.Node {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if value.Kind != yaml.SequenceNode {
		return []*yaml.Node{value}
	}
	var all []*yaml.Node
	for _, item := range value.Content {
		all = append(all, sources(item)...)
	}
	return all
}

func (e *editor) bring(node, source *yaml.Node) {
	e.unmerge(source)
	for i := 0; i+1 < len(source.Content); i += 2 {
		if e.place(node, keyText(source.Content[i])) < 0 {
			node.Content = append(node.Content, source.Content[i], source.Content[i+1])
		}
	}
}
