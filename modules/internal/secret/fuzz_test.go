// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// A known secret is in no output, however it is written there.
func FuzzRedactor(f *testing.F) {
	f.Add("p4ssw0rd-of-root", "login root:", " failed")
	f.Add("a\"b\\c\nd-long", "{\"x\":", "}")
	f.Add("ab%2Fcd/ef+gh", "", "")
	f.Fuzz(func(t *testing.T, hidden, before, after string) {
		if len(hidden) < shortest || !utf8.ValidString(hidden) || strings.Contains(Placeholder, hidden) || strings.TrimSpace(hidden) != hidden || strings.Contains(before+after, hidden) {
			t.Skip("hidden as a word, or no secret any more")
		}
		quoted, err := json.Marshal(hidden)
		require.NoError(t, err)
		redactor := &Redactor{}
		redactor.Add(NewText(hidden))
		for _, written := range []string{hidden, string(quoted[1 : len(quoted)-1]), url.QueryEscape(hidden), base64.StdEncoding.EncodeToString([]byte(hidden))} {
			require.NotContains(t, redactor.Text(before+" "+written+" "+after), written)
		}
	})
}

// Nothing under a sensitive key is shown, at whatever depth.
func FuzzMasked(f *testing.F) {
	f.Add(`{"a":[{"password":"x"},{"env":[{"name":"API_TOKEN","value":"y"}]}],"token":{"b":["c"]}}`)
	f.Add(`[null,1,"--password=x"]`)
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			t.Skip("no value")
		}
		const canary = "S3CRET-CANARY-value"
		masked := Masked(map[string]any{"value": value, "password": canary, "below": []any{map[string]any{"secret_key": canary}}})
		shown, err := json.Marshal(masked)
		require.NoError(t, err)
		require.NotContains(t, string(shown), canary)
		_ = Within(value)
	})
}
