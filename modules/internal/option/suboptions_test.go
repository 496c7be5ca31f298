// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSuboptionsRowsDecideWhatIsSecret(t *testing.T) {
	s3 := Option{Name: "s3", Type: Map, Suboptions: []Option{{Name: "access_key", Type: Text}, {Name: "secret_key", Type: Text, Secret: true}}}
	cases := map[string]struct {
		reason  string
		row     Option
		value   any
		secrets []string
	}{
		"row": {"an access key is a user's name: hiding every tempo would make the output unreadable", s3,
			map[string]any{"access_key": "tempo", "secret_key": "hush"}, []string{"hush"}},
		"unknown key": {"a key without a row is judged by its name", s3,
			map[string]any{"access_key": "tempo", "password": "misplaced"}, []string{"misplaced"}},
		"list": {"items are checked one by one", Option{Name: "s3", Type: List, Elements: Map, Suboptions: s3.Suboptions},
			[]any{map[string]any{"access_key": "tempo", "secret_key": "hush"}}, []string{"hush"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			values, _ := Table{Options: []Option{test.row}}.Decode(map[string]any{"s3": test.value}, func(string) (string, bool) { return "", false })
			var found []string
			for _, secret := range values.Secrets() {
				found = append(found, secret.Reveal())
			}
			require.Equal(t, test.secrets, found, test.reason)
		})
	}
}
