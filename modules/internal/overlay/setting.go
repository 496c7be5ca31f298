// SPDX-License-Identifier: AGPL-3.0-or-later

// Package overlay applies settings to YAML values that belong to somebody else, and
// reverts them.
package overlay

import (
	"fmt"
	"strings"
)

// Setting is one owned setting: the value at a path of maps, or one item of the
// list at that path.
type Setting struct {
	Path []string
	// Item names an item of the list at Path as Identity does; "" means that
	// Path leads to a value.
	Item string
	// Value is the required value, in JSON types.
	Value any
	// Remove asks that the value, or every item of that name, be absent.
	Remove bool
	// Default is applied only where there is no value. It is then owned like any other.
	Default bool
}

// String names the setting as a diff shows it: "tracing.otlp.enabled" or
// "env[OTEL_PROPAGATORS]".
func (s Setting) String() string { return name(s.Path, s.Item) }

func name(path []string, item string) string {
	text := strings.Join(path, ".")
	if item == "" {
		return text
	}
	return text + "[" + item + "]"
}

// Previous is what one Setting replaced, so that it can be restored.
type Previous struct {
	Path []string `json:"path"`
	Item string   `json:"item,omitempty"`
	// Container marks a map or list that was created to hold a setting. It is
	// removed only when empty.
	Container bool `json:"container,omitempty"`
	// Had is whether there was a value; Before is that value, for an item the list
	// of all items of that name.
	Had    bool `json:"had,omitempty"`
	Before any  `json:"before,omitempty"`
	// Set is what was applied, nil for a removal. A value that no longer equals it
	// belongs to whoever changed it.
	Set any `json:"set,omitempty"`
}

// String is the name of its setting.
func (p Previous) String() string { return name(p.Path, p.Item) }

// Identity names a list item: the value of its key "name" (environment
// variables, containers), a command-line flag in lower case without dashes and
// value, since Traefik's flags are case-insensitive, else its own text.
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
