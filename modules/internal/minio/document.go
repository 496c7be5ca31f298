// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Document is a policy in the language of AWS's access policies. Nil is the
// policy that is absent.
type Document map[string]any

// parsed reads a document, with the digits of its numbers.
func parsed(text []byte) (document Document, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return document, decoder.Decode(&document)
}

// isPolicy distinguishes a policy from any other JSON object.
func (d Document) isPolicy() bool {
	_, has := named(d, documentNames)["Statement"]
	return has
}

// The names in a document. Servers take them in any case, as Go does, and return
// them in this one.
var (
	documentNames  = []string{"Version", "Statement", "Id"}
	statementNames = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)

// named gives the names of a document or a statement the case that servers give
// them. Of a name that occurs twice the one in the right case counts.
func named(fields map[string]any, names []string) map[string]any {
	right := make(map[string]any, len(fields))
	for key, value := range fields {
		i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, key) })
		if i < 0 || names[i] == key {
			right[key] = value
			continue
		}
		if _, twice := fields[names[i]]; !twice {
			right[names[i]] = value
		}
	}
	return right
}

// Normal is the document with everything removed that does not change what it
// means: the order of statements, actions, resources and values; a single string
// instead of a list; the case of names and of Effect; the spelling of values in
// conditions; the labels Sid and Id; and an absent version, which stands for
// 2012-10-17 on MinIO.
func (d Document) Normal() Document {
	if d == nil {
		return nil
	}
	d = named(d, documentNames)
	statements := []any{}
	for _, statement := range list(d["Statement"]) {
		statements = append(statements, normalStatement(statement))
	}
	slices.SortFunc(statements, func(a, b any) int { return strings.Compare(order(a), order(b)) })
	statements = slices.CompactFunc(statements, reflect.DeepEqual)
	return Document{"Version": version(d["Version"]), "Statement": statements}
}

// Means reports whether both documents allow and deny the same.
func (d Document) Means(other Document) bool {
	return reflect.DeepEqual(d.Normal(), other.Normal())
}

func version(value any) any {
	if value == nil || value == "" {
		return "2012-10-17"
	}
	return value
}

func normalStatement(value any) any {
	statement, ok := value.(map[string]any)
	if !ok {
		return value
	}
	normal := map[string]any{}
	for name, item := range named(statement, statementNames) {
		switch name {
		case "Sid":
		case "Effect":
			normal[name] = effect(item)
		case "Condition":
			normal[name] = normalConditions(item)
		case "Resource", "NotResource":
			normal[name] = sorted(resources(item))
		default:
			normal[name] = sorted(item)
		}
		if empty(normal[name]) {
			delete(normal, name)
		}
	}
	return normal
}

// resources are those of a statement. MinIO returns "*" as "**"
// (minio/pkg, policy/resource.go, Resource.String), which means the same.
func resources(value any) any {
	items := list(value)
	for i, item := range items {
		text := scalar(item)
		for strings.Contains(text, "**") {
			text = strings.ReplaceAll(text, "**", "*")
		}
		items[i] = text
	}
	return items
}

// effect writes "allow" as "Allow": servers know only the latter.
func effect(value any) any {
	text, ok := value.(string)
	if !ok || text == "" {
		return value
	}
	return strings.ToUpper(text[:1]) + strings.ToLower(text[1:])
}

// sorted turns each scalar or list within a value into a sorted list of strings
// without repetition; the maps of Condition and Principal keep their keys.
func sorted(value any) any {
	if m, ok := value.(map[string]any); ok {
		normal := make(map[string]any, len(m))
		for name, item := range m {
			normal[name] = sorted(item)
		}
		return normal
	}
	texts := []string{}
	for _, item := range list(value) {
		texts = append(texts, scalar(item))
	}
	slices.Sort(texts)
	items := []any{}
	for _, text := range slices.Compact(texts) {
		items = append(items, text)
	}
	return items
}

// list returns a list's items in a slice of its own, or a single value as the
// only item.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return slices.Clone(v)
	}
	return []any{value}
}

func empty(value any) bool {
	switch v := value.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return value == nil
}

// order is a text by which statements are sorted.
func order(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
