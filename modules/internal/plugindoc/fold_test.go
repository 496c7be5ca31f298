// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFold(t *testing.T) {
	long := strings.Repeat("word ", 22) + "at" // 112 characters
	for name, test := range map[string]struct{ reason, document, want string }{
		"fits":   {"nothing to do", "a: " + long, "a: " + long},
		"item":   {"continued below the text", "a:\n- " + long + " the end", "a:\n- " + long + " the\n  end"},
		"key":    {"deeper than the key", "a:\n  b: " + long + " end", "a:\n  b: " + long + "\n    end"},
		"quoted": {"a colon requires quotes, also of the lines below", "- 'x: " + long + " y: z, end'", "- 'x: " + long + "\n  y: z, end'"},
		"dash":   {"no line begins with what looks like an item", "- " + long + " three - the end", "- " + long + "\n  three - the end"},
		"block":  {"lines of a block are text", "a: |\n  " + long + " and more\nb: 1", "a: |\n  " + long + " and more\nb: 1"},
		"word":   {"it cannot be broken", "a: " + strings.Repeat("x", 200), "a: " + strings.Repeat("x", 200)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := fold(test.document)
			require.NoError(t, err)
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestPython(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		value  any
		want   string
	}{
		"words":   {"the three that JSON spells differently", []any{true, false, nil}, "[True, False, None]"},
		"list":    {"a blank after each comma", []string{"a", "b"}, `["a", "b"]`},
		"mapping": {"a blank after each colon, in a stable order", map[string]any{"b": 1, "a": 0.5}, `{"a": 0.5, "b": 1}`},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, python(test.value), test.reason) })
	}
}

func TestBracketed(t *testing.T) {
	word := strings.Repeat("x", 60)
	require.Equal(t, "    a={1, 2},\n", bracketed(1, "a={", []string{"1", "2"}, "}"), "it fits")
	require.Equal(t, "    a={\n        "+word+",\n        "+word+",\n        1,\n    },\n",
		bracketed(1, "a={", []string{word, word, "1"}, "}"), "a line for each")
}
