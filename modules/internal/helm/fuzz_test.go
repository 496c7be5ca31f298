// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Values that were merged once are not changed by merging the same again, and
// what was merged is left alone.
func FuzzMerge(f *testing.F) {
	f.Add("a: {b: 1, c: [x]}", "a: {b: {d: 2}, c: null}")
	f.Add("{}", "tempo: {receivers: {otlp: null}}")
	f.Fuzz(func(t *testing.T, one, other string) {
		var base, over, kept map[string]any
		if yaml.Unmarshal([]byte(one), &base) != nil || yaml.Unmarshal([]byte(other), &over) != nil {
			t.Skip("no values")
		}
		require.NoError(t, yaml.Unmarshal([]byte(one), &kept))
		merged := Merge(base, over)
		require.Equal(t, merged, Merge(merged, over))
		require.Equal(t, kept, base)
	})
}

// What a chart renders is split into objects or refused.
func FuzzObjects(f *testing.F) {
	for _, seed := range []string{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n# none\n---\n", "---\nkind: List\nitems: [1]\n", "a: [", "kind: 1\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: 5\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, manifest string) {
		objects, err := Objects(manifest, "tracing")
		if err != nil {
			require.NotEmpty(t, err.Error())
		}
		_ = objects
	})
}
