// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempofields lists the fields of Tempo's configuration by version. Tempo
// reads it strictly: with a field that it does not know it does not start.
package tempofields

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/picluster/tracing/modules/internal/compat"
)

//go:embed fields.txt
var listed string

// field is what is known of one field of a type.
type field struct {
	compat.Span
	// below is the type of what is below it, "" where that is not checked.
	below string
}

// table maps the types of Tempo's program to their fields by name; a field that
// changed occurs more than once.
type table map[string]map[string][]field

var known = sync.OnceValue(func() table { return read(listed) })

// read parses the list: types start at the margin, fields two spaces in, and
// what follows of a long line four.
func read(text string) table {
	all, current, row := table{}, "", field{}
	for line := range strings.Lines(text) {
		line, names := strings.TrimRight(line, "\n"), line
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case !strings.HasPrefix(line, " "):
			current, _, _ = strings.Cut(line, " ")
			all[current] = map[string][]field{}
			continue
		case !strings.HasPrefix(line, "    "):
			head, rest, _ := strings.Cut(line, ": ")
			row, names = rowOf(head), rest
		}
		for _, name := range strings.Fields(names) {
			all[current][name] = append(all[current][name], row)
		}
	}
	return all
}

// rowOf reads what precedes the names: a type and bounds, in any number.
func rowOf(head string) (row field) {
	for _, word := range strings.Fields(head) {
		from, first := strings.CutPrefix(word, ">=")
		before, last := strings.CutPrefix(word, "<")
		switch {
		case first:
			row.From = from + ".0"
		case last:
			row.Before = before + ".0"
		default:
			row.below = word
		}
	}
	return row
}
