// SPDX-License-Identifier: AGPL-3.0-or-later

// Package overlay lays owned settings over YAML values that belong to somebody
// else, and takes them away again.
package overlay

import (
	"fmt"
	"strings"
)

// Entry is one owned setting: the value at a path of maps, or one item of the
// list at that path.
type Entry struct {
	Path []string
	// Item names an item of the list at Path as Identity does; "" means that
	// Path leads to a value.
	Item string
	// Value is what has to stand there, in the types of JSON.
	Value any
	// Remove asks that the value, or every item of that name, is not there.
	Remove bool
	// Default is laid only where nothing stands. It is then owned like any other.
	Default bool
}

// String names the entry as a diff shows it: "tracing.otlp.enabled" or
// "env[OTEL_PROPAGATORS]".
func (e Entry) String() string { return name(e.Path, e.Item) }

func name(path []string, item string) string {
	text := strings.Join(path, ".")
	if item == "" {
		return text
	}
	return text + "[" + item + "]"
}

// Prior is what one Entry replaced, so that it can be put back.
type Prior struct {
	Path []string `json:"path"`
	Item string   `json:"item,omitempty"`
	// Container marks a map or list that was made to hold an entry. It goes only
	// when nothing is left in it.
	Container bool `json:"container,omitempty"`
	// Had is whether something stood there; Before is what, for an item the list
	// of all items of that name.
	Had    bool `json:"had,omitempty"`
	Before any  `json:"before,omitempty"`
	// Set is what was laid, nil when the entry was a removal. What no longer
	// equals it belongs to whoever changed it.
	Set any `json:"set,omitempty"`
}

// String names the prior as its entry was named.
func (p Prior) String() string { return name(p.Path, p.Item) }

// Identity names a list item: the value of its key "name" (environment
// variables, containers), a command-line flag in lower case without dashes and
// value, since Traefik's flags do not tell cases apart, else its own text.
func Identity(item any) string {
	switch v := item.(type) {
	case map[string]any:
		name, _ := v["name"].(string)
		return name
	case string:
		flag, dashed := strings.CutPrefix(v, "-")
		if !dashed {
			return v
		}
		flag, _, _ = strings.Cut(strings.TrimPrefix(flag, "-"), "=")
		return strings.ToLower(flag)
	}
	return fmt.Sprint(item)
}
