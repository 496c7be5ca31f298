// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func pair(key string, value any) string { return python(key) + ": " + python(value) }

// python writes a plain value as a Python literal; a duration as its text.
func python(value any) string {
	if text, ok := value.(fmt.Stringer); ok {
		value = text.String()
	}
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("default %T has no Python form", value))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var plain any
	_ = decoder.Decode(&plain) // it was just encoded
	return literal(plain)
}

// literal differs from JSON in the three keywords and in the spaces, as Python's
// style asks.
func literal(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case []any:
		return "[" + joined(v, literal) + "]"
	case map[string]any:
		return "{" + joined(slices.Sorted(maps.Keys(v)), func(key string) string { return literal(key) + ": " + literal(v[key]) }) + "}"
	}
	data, _ := json.Marshal(value) // text and numbers always encode
	return string(data)
}

func joined[T any](items []T, write func(T) string) string {
	var out []string
	for _, item := range items {
		out = append(out, write(item))
	}
	return strings.Join(out, ", ")
}

// bracketed is one line where it fits, else one line for each item.
func bracketed(depth int, open string, items []string, end string) string {
	margin := strings.Repeat(indent, depth)
	line := margin + open + strings.Join(items, ", ") + end + ",\n"
	if len(line) <= width+1 && !strings.Contains(strings.Join(items, ""), "\n") {
		return line
	}
	inner := margin + indent
	return margin + open + "\n" + inner + strings.Join(items, ",\n"+inner) + ",\n" + margin + end + ",\n"
}
