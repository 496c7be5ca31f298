// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// fields reads the fields of a data source.
func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	made := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &made))
	return made
}

func TestPreviousSettingsAreRestored(t *testing.T) {
	cases := map[string]struct {
		reason string
		// states are those before and after each run of this collection; between two
		// runs somebody may have changed something.
		states [][2]string
		now    string
		want   string
	}{
		"a URL":               {"replaced", [][2]string{{"url: theirs", "url: ours"}}, "url: ours", "url: theirs"},
		"a setting":           {"was not there", [][2]string{{"url: a", "{url: a, jsonData: {maxLines: 5}}"}}, "{url: a, jsonData: {maxLines: 5}}", "url: a"},
		"beside others":       {"its neighbours are kept", [][2]string{{"jsonData: {a: 1}", "jsonData: {a: 1, deep: {b: 2}}"}}, "jsonData: {a: 1, deep: {b: 2, c: 3}}", "jsonData: {a: 1, deep: {c: 3}}"},
		"a setting less":      {"removed by a null", [][2]string{{"jsonData: {a: {b: 1}}", "jsonData: {}"}}, "jsonData: {}", "jsonData: {a: {b: 1}}"},
		"a list":              {"is one value", [][2]string{{"jsonData: {tags: [a, b]}", "jsonData: {tags: [c]}"}}, "jsonData: {tags: [c]}", "jsonData: {tags: [a, b]}"},
		"another kind":        {"a map in place of a word", [][2]string{{"jsonData: {a: word}", "jsonData: {a: {b: 1}}"}}, "jsonData: {a: {b: 1}}", "jsonData: {a: word}"},
		"false":               {"is a value", [][2]string{{"basicAuth: false", "{basicAuth: true, basicAuthUser: me}"}}, "{basicAuth: true, basicAuthUser: me}", "basicAuth: false"},
		"twice":               {"the first previous value counts", [][2]string{{"url: theirs", "url: ours"}, {"url: ours", "url: new"}}, "url: new", "url: theirs"},
		"reset by us":         {"there is nothing left to restore", [][2]string{{"url: theirs", "url: ours"}, {"url: ours", "url: theirs"}}, "url: theirs", "url: theirs"},
		"changed by the user": {"it is the user's", [][2]string{{"url: theirs", "url: ours"}}, "url: other", "url: other"},
		"changed in between":  {"the user's change is newer", [][2]string{{"url: theirs", "url: ours"}, {"url: other", "url: ours"}}, "url: ours", "url: other"},
		"nothing was changed": {"the value was the same before", [][2]string{{"url: a", "url: a"}}, "url: a", "url: a"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			kept := map[string]any{}
			for _, run := range test.states {
				notes, _ := NotesIn(kept)
				notes.Noting(fields(t, run[0]), fields(t, run[1])).Put(kept)
				kept = stored(t, kept)
			}
			notes, _ := NotesIn(kept)
			now := fields(t, test.now)
			require.Equal(t, fields(t, test.want), notes.Restored(now), test.reason)
			require.Equal(t, fields(t, test.now), now, "the argument is not modified")
		})
	}
}

// stored is jsonData as it comes back from Grafana.
func stored(t *testing.T, settings map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(settings)
	require.NoError(t, err)
	back := map[string]any{}
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

func TestRecordOfACreatedDataSource(t *testing.T) {
	kept := map[string]any{}
	Notes{Made: true}.Noting(fields(t, "url: a"), fields(t, "url: b")).Put(kept)
	require.Equal(t, map[string]any{NotesKey: map[string]any{"made": true}}, kept)
	notes, found := NotesIn(stored(t, kept))
	require.True(t, found)
	require.Equal(t, Notes{Made: true}, notes)
	require.Equal(t, fields(t, "url: b"), notes.Restored(fields(t, "url: b")))

	Notes{}.Put(kept)
	require.Empty(t, kept, "without records there is no key")
	_, found = NotesIn(map[string]any{NotesKey: "nonsense"})
	require.False(t, found)
}
