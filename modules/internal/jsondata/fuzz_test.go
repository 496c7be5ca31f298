// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Settings that were merged differ from themselves in nothing, and merging the
// same again changes nothing: derived fields keep their names and places.
func FuzzMerge(f *testing.F) {
	f.Add(`{"derivedFields":[{"name":"TraceID","matcherRegex":"(a)"},{"name":"TraceID"}],"a":{"b":1}}`, `{"derivedFields":[{"name":"TraceID","url":"x"}],"a":{"c":null}}`)
	f.Add(`{"derivedFields":5}`, `{"derivedFields":[1,null,{"name":7}]}`)
	f.Add(`{}`, `{"derivedFields":null}`)
	f.Fuzz(func(t *testing.T, one, other string) {
		var base, over map[string]any
		if json.Unmarshal([]byte(one), &base) != nil || json.Unmarshal([]byte(other), &over) != nil {
			t.Skip("no settings")
		}
		merged := Merge(base, over)
		before, after := Difference(merged, merged)
		require.Empty(t, before)
		require.Empty(t, after)
		require.True(t, Same(merged, Merge(merged, over)), "%v\n%v", merged, Merge(merged, over))
		_, _ = Find(merged, "TraceID")
	})
}
