// SPDX-License-Identifier: AGPL-3.0-or-later

package config

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

//go:embed schema.txt
var listed string

// key describes one key of a type.
type key struct {
	kind        string
	from, until string
}

// schema maps types to their keys; a key whose kind changed is listed more than once.
type schema map[string]map[string][]key

var known = sync.OnceValue(func() schema { return read(listed) })

// read parses the list: types are not indented, keys by two blanks, and the rest of a long line by four.
func read(text string) schema {
	all, current, row := schema{}, "", key{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		names := line
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case !strings.HasPrefix(line, " "):
			current = line
			all[current] = map[string][]key{}
			continue
		case !strings.HasPrefix(line, "    "):
			head, rest, _ := strings.Cut(line, ": ")
			row, names = bounded(strings.Fields(head)), rest
		}
		for _, name := range strings.Fields(names) {
			all[current][name] = append(all[current][name], row)
		}
	}
	return all
}

func bounded(words []string) key {
	row := key{kind: words[0]}
	for _, word := range words[1:] {
		if from, ok := strings.CutPrefix(word, ">="); ok {
			row.from = from
		}
		if until, ok := strings.CutPrefix(word, "<"); ok {
			row.until = until
		}
	}
	return row
}

// kindOf is the kind of a type's key in an edition, or "" where it has none of this name.
func (s schema) kindOf(name, field string, e edition.Edition) string {
	for _, row := range s[name][field] {
		if (row.from == "" || reached(e, row.from)) && (row.until == "" || !reached(e, row.until)) {
			return row.kind
		}
	}
	return ""
}

func reached(e edition.Edition, bound string) bool {
	major, minor, _ := strings.Cut(bound, ".")
	first, _ := strconv.Atoi(major)
	second, _ := strconv.Atoi(minor)
	return e.From(first, second)
}
