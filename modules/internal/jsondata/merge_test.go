// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMerge(t *testing.T) {
	field := func(name, url string) map[string]any { return map[string]any{"name": name, "url": url} }
	tests := map[string]struct {
		reason           string
		base, over, want map[string]any
	}{
		"foreign keys are kept": {"at every depth", map[string]any{"a": 1, "m": map[string]any{"x": 1, "y": 2}}, map[string]any{"m": map[string]any{"y": 3}},
			map[string]any{"a": 1, "m": map[string]any{"x": 1, "y": 3}}},
		"lists are whole": {"items have no names", map[string]any{"tags": []any{"a", "b"}}, map[string]any{"tags": []any{"c"}}, map[string]any{"tags": []any{"c"}}},
		"fields by name": {"the order is kept, new ones come last", map[string]any{DerivedFields: []any{field("A", "1"), field("B", "2")}},
			map[string]any{DerivedFields: []any{field("C", "3"), field("A", "9")}}, map[string]any{DerivedFields: []any{field("A", "9"), field("B", "2"), field("C", "3")}}},
		"nil marks removal": {"for withoutNil", map[string]any{"a": 1}, map[string]any{"a": nil}, map[string]any{"a": nil}},
		"nothing exists":    {"a nil base", nil, map[string]any{"a": 1}, map[string]any{"a": 1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, Merge(tc.base, tc.over), tc.reason) })
	}
}

func TestMergeDoesNotModifyItsArguments(t *testing.T) {
	base := map[string]any{"m": map[string]any{"x": 1}, DerivedFields: []any{map[string]any{"name": "A", "url": "1"}}}
	Merge(base, map[string]any{"m": map[string]any{"x": 2}, DerivedFields: []any{map[string]any{"name": "A", "url": "2"}}})
	require.Equal(t, map[string]any{"m": map[string]any{"x": 1}, DerivedFields: []any{map[string]any{"name": "A", "url": "1"}}}, base)
}

func TestSame(t *testing.T) {
	tests := map[string]struct {
		reason string
		a, b   any
		want   bool
	}{
		"empty map is unset":  {"at depth", map[string]any{"a": map[string]any{"b": map[string]any{}}}, map[string]any{}, true},
		"empty list is unset": {"as Grafana's own pages write it", map[string]any{"tags": []any{}}, map[string]any{}, true},
		"false is not unset":  {"false is a value", map[string]any{"a": false}, map[string]any{}, false},
		"numbers":             {"as JSON has them", map[string]any{"a": 1.0}, map[string]any{"a": 1.0}, true},
		"order of a list":     {"the order matters", []any{"a", "b"}, []any{"b", "a"}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, Same(tc.a, tc.b), tc.reason) })
	}
}
