// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPaste(t *testing.T) {
	existing := map[string]any{"tracing": map[string]any{"zipkin": map[string]any{}}, "args": []any{"--a=1"}}
	cases := map[string]struct {
		reason   string
		settings []Setting
		want     string
	}{
		"values":   {"as a tree", []Setting{{Path: []string{"a", "b"}, Value: 1.0}, {Path: []string{"a", "c"}, Value: "x"}}, "a:\n  b: 1\n  c: x\n"},
		"items":    {"as a list", []Setting{{Path: []string{"args"}, Item: "b", Value: "--b=2"}}, "args:\n- --b=2\n"},
		"removals": {"only of existing values", []Setting{{Path: []string{"a"}, Value: true}, {Path: []string{"tracing", "zipkin"}, Remove: true}, {Path: []string{"x"}, Remove: true}, {Path: []string{"args"}, Item: "a", Remove: true}}, "a: true\n# without tracing.zipkin\n# without args[a]\n"},
		"at odds":  {"the settings contradict each other", []Setting{{Path: []string{"a"}, Value: "x"}, {Path: []string{"a", "b"}, Value: "y"}}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, Paste(c.settings, existing), c.reason) })
	}
}
