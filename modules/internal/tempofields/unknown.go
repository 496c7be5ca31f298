// SPDX-License-Identifier: AGPL-3.0-or-later

package tempofields

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
)

// Unknown is a field with which a Tempo does not start.
type Unknown struct {
	// Path of the field, with dots, and Type, the one of Tempo's program that lacks
	// it, as Tempo's own message has it.
	Path, Type string
	// Known are the versions that have it there; none where no version does.
	Known []compat.Span
}

// looked are the versions whose fields are listed: others are not checked.
var looked = compat.Span{From: "1.5.0", Before: "3.1.0"}

// root is the type of the whole configuration.
const root = "app.Config"

// In are the fields below the top of a configuration that a Tempo does not know,
// sorted by their paths. compat.UnknownFields knows those at the top.
func In(config map[string]any, tempo string) (unknown []Unknown) {
	if !looked.Holds(tempo) {
		return nil
	}
	reader := reader{known(), tempo}
	for _, section := range slices.Sorted(maps.Keys(config)) {
		if row, ok := reader.row(root, section); ok {
			unknown = append(unknown, reader.within(config[section], row.below, section)...)
		}
	}
	return unknown
}

// reader reads a configuration as one version of Tempo does.
type reader struct {
	table
	tempo string
}

// row is what this version knows of a field.
func (r reader) row(of, name string) (row field, ok bool) {
	for _, row := range r.table[of][name] {
		if row.Holds(r.tempo) {
			return row, true
		}
	}
	return field{}, false
}

// within looks at what is at a path, which is of a type, or a list of such.
func (r reader) within(value any, of, path string) (unknown []Unknown) {
	if of == "" {
		return nil
	}
	if list, ok := value.([]any); ok {
		for i, item := range list {
			unknown = append(unknown, r.within(item, of, fmt.Sprintf("%s[%d]", path, i))...)
		}
		return unknown
	}
	fields, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := path + "." + name
		if row, ok := r.row(of, name); ok {
			unknown = append(unknown, r.within(fields[name], row.below, at)...)
			continue
		}
		unknown = append(unknown, Unknown{Path: at, Type: plain(of), Known: r.spans(of, name)})
	}
	return unknown
}

// spans are the versions in which a type has a field.
func (r reader) spans(of, name string) (all []compat.Span) {
	for _, row := range r.table[of][name] {
		all = append(all, row.Span)
	}
	return all
}

// plain is a type as Tempo names it: two packages of one name are distinguished in the
// list by what follows a tilde.
func plain(of string) string {
	name, _, _ := strings.Cut(of, "~")
	return name
}
