// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Place is a place in the values: a path, or an item of the list there.
type Place struct {
	Path []string
	Item string
	Name string
}

// In is the value there, nil for none.
func (p Place) In(values map[string]any) any {
	if p.Item == "" {
		value, _ := overlay.Get(values, p.Path...)
		return value
	}
	items := overlay.Items(values, p.Item, p.Path...)
	if len(items) == 0 {
		return nil
	}
	return items[len(items)-1]
}

// Title names a place as the user wrote it: the flag for an argument.
func (p Place) Title() string {
	if p.Item != "" && slices.Equal(p.Path, argumentsPath) {
		return "--" + p.Item
	}
	return p.Name
}

// Masked is a place with a value, as far as that may be shown and is short.
func (p Place) Masked(value any) string {
	shown, _ := secret.Masked(map[string]any{p.Name: value}).(map[string]any)
	switch v := shown[p.Name].(type) {
	case string:
		_, given, isFlag := strings.Cut(v, "=")
		if isFlag && strings.HasPrefix(v, "-") {
			return p.Title() + " " + given
		}
		return p.Title() + " " + v
	case map[string]any:
		if text, isText := v["value"].(string); isText {
			return p.Title() + " " + text
		}
		return p.Title()
	default:
		return fmt.Sprintf("%s %v", p.Title(), v)
	}
}
