// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A provisioning file that was read and written again is read as the same.
func FuzzReadFile(f *testing.F) {
	for _, seed := range []string{"apiVersion: 1\ndatasources:\n- {name: Tempo, type: tempo, uid: t, url: 'http://t', jsonData: {a: '$${__value.raw}', b: [$$x]}}\n", "datasources: [{}]\ndeleteDatasources: [{name: x, orgId: 2}]\n", "datasources: 1", "[]", "datasources:\n- secureJsonData: {a: $$b}\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file, err := ReadFile([]byte(content))
		if err != nil {
			require.EqualError(t, err, "it is not a provisioning file for data sources")
			return
		}
		written, err := file.Write()
		require.NoError(t, err)
		again, err := ReadFile(written)
		require.NoError(t, err, "%s", written)
		twice, err := again.Write()
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
	})
}

// What is escaped for a file is in it what it was.
func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"${__value.raw}", "$$x", "a$", "$$$", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		require.Equal(t, text, unescape(escape(text)))
		require.Equal(t, map[string]any{"a": []any{text}}, mapped(Escape(map[string]any{"a": []any{text}}), unescape))
	})
}
