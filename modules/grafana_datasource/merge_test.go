// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
)

func TestMerged(t *testing.T) {
	field := func(name, url string) map[string]any { return map[string]any{"name": name, "url": url} }
	tests := map[string]struct {
		reason           string
		base, over, want map[string]any
	}{
		"foreign keys stay": {"at every depth", map[string]any{"a": 1, "m": map[string]any{"x": 1, "y": 2}}, map[string]any{"m": map[string]any{"y": 3}},
			map[string]any{"a": 1, "m": map[string]any{"x": 1, "y": 3}}},
		"lists are whole": {"their items have no names", map[string]any{"tags": []any{"a", "b"}}, map[string]any{"tags": []any{"c"}}, map[string]any{"tags": []any{"c"}}},
		"fields by name": {"the order stays, new ones come last", map[string]any{derivedFields: []any{field("A", "1"), field("B", "2")}},
			map[string]any{derivedFields: []any{field("C", "3"), field("A", "9")}}, map[string]any{derivedFields: []any{field("A", "9"), field("B", "2"), field("C", "3")}}},
		"nil marks removal": {"for withoutNil", map[string]any{"a": 1}, map[string]any{"a": nil}, map[string]any{"a": nil}},
		"nothing there":     {"a nil base", nil, map[string]any{"a": 1}, map[string]any{"a": 1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, merged(tc.base, tc.over), tc.reason) })
	}
}

func TestMergedLeavesItsArgumentsAlone(t *testing.T) {
	base := map[string]any{"m": map[string]any{"x": 1}, derivedFields: []any{map[string]any{"name": "A", "url": "1"}}}
	merged(base, map[string]any{"m": map[string]any{"x": 2}, derivedFields: []any{map[string]any{"name": "A", "url": "2"}}})
	require.Equal(t, map[string]any{"m": map[string]any{"x": 1}, derivedFields: []any{map[string]any{"name": "A", "url": "1"}}}, base)
}

func TestSame(t *testing.T) {
	tests := map[string]struct {
		reason string
		a, b   any
		want   bool
	}{
		"empty map is unset":  {"at depth", map[string]any{"a": map[string]any{"b": map[string]any{}}}, map[string]any{}, true},
		"empty list is unset": {"as Grafana's own pages write it", map[string]any{"tags": []any{}}, map[string]any{}, true},
		"false is not unset":  {"it says something", map[string]any{"a": false}, map[string]any{}, false},
		"numbers":             {"as JSON has them", map[string]any{"a": 1.0}, map[string]any{"a": 1.0}, true},
		"order of a list":     {"matters", []any{"a", "b"}, []any{"b", "a"}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, same(tc.a, tc.b), tc.reason) })
	}
}

func TestDifferenceShowsOnlyWhatDiffers(t *testing.T) {
	have := &grafana.Source{Name: "Loki", UID: "loki", Type: "loki", URL: "http://a", JSONData: map[string]any{
		"maxLines": 5.0, "deep": map[string]any{"same": 1.0, "gone": 2.0}, "apiToken": "S3CRET"}}
	made := *have
	made.URL = "http://b"
	made.JSONData = map[string]any{"maxLines": 5.0, "deep": map[string]any{"same": 1.0, "new": 3.0}, "apiToken": "OTHER"}
	before, after := difference(have, &made)
	require.Equal(t, map[string]any{"url": "http://a", "jsonData": map[string]any{"deep": map[string]any{"gone": 2.0}, "apiToken": "***"}}, before)
	require.Equal(t, map[string]any{"url": "http://b", "jsonData": map[string]any{"deep": map[string]any{"new": 3.0}, "apiToken": "***"}}, after)
	before, after = difference(have, have)
	require.Empty(t, before)
	require.Empty(t, after)
}
