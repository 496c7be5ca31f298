// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestLayers(t *testing.T) {
	base := "values: {a: {b: 1, c: 2}, l: [1, 2]}\ngeneration: {g: {h: 1}}"
	tests := map[string]struct {
		reason, over string
		want         map[string]any
	}{
		"deep":   {"maps merge", "values: {a: {b: 3}}", map[string]any{"a": map[string]any{"b": 3.0, "c": 2.0}, "l": []any{1.0, 2.0}}},
		"list":   {"lists are replaced", "values: {l: [3]}", map[string]any{"a": map[string]any{"b": 1.0, "c": 2.0}, "l": []any{3.0}}},
		"null":   {"null is a value", "values: {a: {b: null}}", map[string]any{"a": map[string]any{"b": nil, "c": 2.0}, "l": []any{1.0, 2.0}}},
		"empty":  {"an empty map replaces", "values: {a: {}}", map[string]any{"a": map[string]any{}, "l": []any{1.0, 2.0}}},
		"drop":   {"before the values", "drop: [values.a.b, values.l]", map[string]any{"a": map[string]any{"c": 2.0}}},
		"shared": {"each section gets its own copy", "drop: [values.a, values.l]\nshared: [{sections: [p, q], values: {k: {}}}]\nvalues: {p: {k: {z: 1}}}", map[string]any{"p": map[string]any{"k": map[string]any{"z": 1.0}}, "q": map[string]any{"k": map[string]any{}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := stackLayers(layersOf(base, tt.over), "c", []string{"one", "two"})
			require.NoError(t, err)
			require.Equal(t, tt.want, s.values, tt.reason)
		})
	}
}

func TestLayerFaults(t *testing.T) {
	tests := map[string]struct{ reason, over, message string }{
		"drops nothing": {"the path is wrong", "drop: [values.a.nope]", "applying layer c/layers/two/v.yaml: dropping values.a.nope: there is no such key"},
		"through leaf":  {"not a map", "drop: [values.a.b.c]", "b is no map"},
		"misspelt":      {"strict", "valuess: {}", `unknown field "valuess"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := stackLayers(layersOf("values: {a: {b: 1}}", tt.over), "c", []string{"one", "two"})
			require.ErrorContains(t, err, tt.message, tt.reason)
		})
	}
	_, err := stackLayers(layersOf("values: {}", "values: {}"), "c", []string{"three"})
	require.ErrorContains(t, err, "reading layer c/layers/three")
}

func TestSchema(t *testing.T) {
	values := map[string]any{"a": map[string]any{"on": true, "s": "", "n": nil, "i": 1.0}, "l": []any{}}
	files := fstest.MapFS{
		"ok.yaml":  {Data: []byte("closed: ['.']\nrules: {a.i: {minimum: 1}}")},
		"bad.yaml": {Data: []byte("closed: [a.gone]")},
	}
	raw, err := schemaOf(files, "ok.yaml", values)
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(raw, &got))
	require.Equal(t, map[string]any{
		"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
		"properties": map[string]any{
			"a": map[string]any{"type": "object", "properties": map[string]any{
				"on": map[string]any{"type": "boolean"}, "s": map[string]any{"type": "string"}, "n": map[string]any{}, "i": map[string]any{"minimum": 1.0}}},
			"l": map[string]any{"type": "array"},
		},
	}, got)
	_, err = schemaOf(files, "bad.yaml", values)
	require.ErrorContains(t, err, "making a schema from bad.yaml: the values have no a.gone")
}

func layersOf(one, two string) fstest.MapFS {
	return fstest.MapFS{"c/layers/one/v.yaml": {Data: []byte(one)}, "c/layers/two/v.yaml": {Data: []byte(two)}}
}
