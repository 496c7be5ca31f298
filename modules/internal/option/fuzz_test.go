// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Any input is read or refused, and no error shows a secret.
func FuzzDecode(f *testing.F) {
	table := Table{Options: []Option{
		{Name: "name", Type: Text, Required: true, Aliases: []string{"called"}}, {Name: "size", Type: Int, Default: 3}, {Name: "on", Type: Bool},
		{Name: "after", Type: Duration}, {Name: "key", Type: Text, Secret: true}, {Name: "file", Type: Path, Inline: true},
		{Name: "many", Type: List, Elements: Map, Suboptions: []Option{{Name: "of", Type: Text, Choices: []string{"a", "b"}}}}, {Name: "free", Type: Map},
	}, RequiredTogether: [][]string{{"on", "size"}}}
	for _, seed := range []string{`{"called":"x","size":"7","on":"yes","after":"1m"}`, `{"name":[],"many":{"of":"c"},"free":"a=b"}`, `{"called_so":1,"size":1e99,"after":-1,"file":"-----BEGIN"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var raw map[string]any
		if json.Unmarshal([]byte(text), &raw) != nil || raw == nil {
			t.Skip("not what wire hands on")
		}
		const canary = "S3CRET-CANARY"
		raw["key"] = canary
		values, err := table.Decode(raw, func(string) (string, bool) { return "", false })
		if err != nil {
			require.NotContains(t, err.Error(), canary)
			return
		}
		require.NotNil(t, values)
	})
}
