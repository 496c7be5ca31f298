// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"cmp"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/modules/internal/option"
)

// since is the collection version that introduced all of today's modules.
const since = "1.0.0"

// documentation is the DOCUMENTATION mapping in the order in which Ansible's
// own modules write it.
func documentation(name string, table option.Table, doc text) *yaml.Node {
	rows, extended := withoutConnection(table.Options)
	fragments := []string{collection + attributesFragment}
	if extended {
		fragments = append(fragments, collection+kubernetesFragment)
	}
	node := mapping(
		"module", name,
		"short_description", doc.ShortDescription,
		"version_added", since,
		"author", either(doc.Author, []string{"picluster.tracing maintainers (@picluster)"}),
		"description", doc.Description,
		"extends_documentation_fragment", fragments,
		"options", options(rows),
	)
	extend(node, "requirements", doc.Requirements)
	extend(node, "notes", doc.Notes)
	if len(doc.SeeAlso) > 0 {
		node.Content = append(node.Content, mapping("seealso", doc.SeeAlso).Content...)
	}
	if own := particular(doc); len(own.Content) > 0 {
		node.Content = append(node.Content, mapping("attributes", own).Content...)
	}
	return node
}

func attributes(doc text) *yaml.Node {
	return mapping(
		"check_mode", attribute("The task can be run with C(--check) and then changes nothing.", doc.CheckMode),
		"diff_mode", attribute("With C(--diff) the task shows what changes, without secrets.", doc.DiffMode),
		"platform", mapping("description", []string{"The target's operating system and architecture."}, "support", "full",
			"platforms", "linux", "details", []string{"The target needs no Python; amd64 and arm64."}),
	)
}

func attribute(description string, mode support) *yaml.Node {
	node := mapping("description", []string{description}, "support", cmp.Or(mode.Support, "full"))
	extend(node, "details", mode.Details)
	return node
}

func options(rows []option.Option) *yaml.Node {
	node := mapping()
	for _, row := range rows {
		node.Content = append(node.Content, mapping(row.Name, describe(row)).Content...)
	}
	return node
}

func describe(row option.Option) *yaml.Node {
	node := mapping("description", row.Doc, "type", ansibleType(row.Type))
	if row.Since != "" {
		node.Content = append(node.Content, mapping("version_added", row.Since).Content...)
	}
	if row.Type == option.List {
		node.Content = append(node.Content, mapping("elements", elements(row)).Content...)
	}
	if row.Required {
		node.Content = append(node.Content, mapping("required", true).Content...)
	}
	if row.Default != nil {
		node.Content = append(node.Content, mapping("default", row.Default).Content...)
	}
	extend(node, "choices", row.Choices)
	extend(node, "aliases", row.Aliases)
	if row.Suboptions != nil {
		node.Content = append(node.Content, mapping("suboptions", options(row.Suboptions)).Content...)
	}
	return node
}

// elements is the type of a list's items.
func elements(row option.Option) string { return ansibleType(cmp.Or(row.Elements, option.Text)) }

// ansibleType is Ansible's name for a type: Ansible has no durations.
func ansibleType(kind option.Type) string {
	if kind == option.Duration {
		return string(option.Text)
	}
	return string(kind)
}

// mapping builds a YAML map that keeps the order of its pairs.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, item := range pairs {
		node.Content = append(node.Content, toNode(item))
	}
	return node
}

func toNode(item any) *yaml.Node {
	if node, ok := item.(*yaml.Node); ok {
		return node
	}
	if d, ok := item.(time.Duration); ok {
		item = d.String()
	}
	node := &yaml.Node{}
	_ = node.Encode(item) // plain values always encode
	return node
}

func extend(node *yaml.Node, key string, list []string) {
	if len(list) > 0 {
		node.Content = append(node.Content, mapping(key, list).Content...)
	}
}

func either(list, otherwise []string) []string {
	if len(list) > 0 {
		return list
	}
	return otherwise
}
