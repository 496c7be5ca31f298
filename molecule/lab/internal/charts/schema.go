// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// strictness says what a real chart's schema refuses; types come from the default values.
type strictness struct {
	// Closed lists the dotted paths whose unknown keys are refused; "." is the root.
	Closed []string `json:"closed"`
	// Rules replaces the derived schema of a dotted path: limits, enumerations, more than one type.
	Rules map[string]map[string]any `json:"rules"`
}

// schemaOf derives a values.schema.json from the default values and a strictness file.
func schemaOf(src fs.FS, file string, values map[string]any) ([]byte, error) {
	var s strictness
	if err := readYAML(src, file, &s); err != nil {
		return nil, err
	}
	used := map[string]bool{}
	root := s.object("", values, used)
	for _, p := range append(slices.Clone(s.Closed), keysOf(s.Rules)...) {
		if !used[p] {
			return nil, fmt.Errorf("making a schema from %s: the values have no %s", file, p)
		}
	}
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	raw, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("making a schema from %s: %w", file, err)
	}
	return raw, nil
}

func (s strictness) object(at string, values map[string]any, used map[string]bool) map[string]any {
	properties := map[string]any{}
	for k, v := range values {
		properties[k] = s.property(strings.TrimPrefix(at+"."+k, "."), v, used)
	}
	out := map[string]any{"type": "object", "properties": properties}
	name := at
	if name == "" {
		name = "."
	}
	used[name] = true
	if slices.Contains(s.Closed, name) {
		out["additionalProperties"] = false
	}
	return out
}

func (s strictness) property(at string, value any, used map[string]bool) map[string]any {
	if rule, ok := s.Rules[at]; ok {
		used[at] = true
		return rule
	}
	switch v := value.(type) {
	case map[string]any:
		return s.object(at, v, used)
	case []any:
		return map[string]any{"type": "array"}
	case bool:
		return map[string]any{"type": "boolean"}
	case string:
		return map[string]any{"type": "string"}
	}
	return map[string]any{}
}

func keysOf(m map[string]map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
