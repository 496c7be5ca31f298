// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/overlay"
)

func TestParse(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   map[string]any
		fault  string
	}{
		"empty":      {"an empty string has no values", "", map[string]any{}, ""},
		"comments":   {"comments alone are no values", "# a\n# b\n", map[string]any{}, ""},
		"null":       {"a null alone has no values", "null\n", map[string]any{}, ""},
		"eleven":     {"YAML 1.1 words are booleans, as in Helm", "a: on\nb: \"on\"\n", map[string]any{"a": true, "b": "on"}, ""},
		"merge":      {"merge keys are resolved", "x: &x {a: 1}\nz: {<<: *x, b: 2}\n", map[string]any{"x": map[string]any{"a": 1.0}, "z": map[string]any{"a": 1.0, "b": 2.0}}, ""},
		"windows":    {"Windows line endings are line endings", "a: 1\r\nb:\r\n  - c\r\n", map[string]any{"a": 1.0, "b": []any{"c"}}, ""},
		"list":       {"a list is not a map of values", "- a\n", nil, "the YAML is not a map of values"},
		"broken":     {"the error names the line", "a: 1\nb: [1\n", nil, "did not find expected ',' or ']'"},
		"two":        {"a second document would be lost", "a: 1\n---\nb: 2\n", nil, "more than one YAML document"},
		"tab indent": {"tabs do not indent YAML", "a:\n\tb: 1\n", nil, "cannot start any token"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := overlay.Parse(c.text)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestRewrite(t *testing.T) {
	argument := func(items ...any) overlay.Setting {
		return overlay.Setting{Path: []string{"additionalArguments"}, Item: overlay.Identity(items[0]), Value: items[0]}
	}
	enabled := overlay.Setting{Path: []string{"tracing", "otlp", "enabled"}, Value: true}
	cases := map[string]struct {
		reason   string
		text     string
		settings []overlay.Setting
		want     string
		lost     []string
	}{
		"empty": {"an empty text receives the values", "", []overlay.Setting{enabled},
			"tracing:\n  otlp:\n    enabled: true\n", nil},
		"only comments": {"comments without values stay on top", "# mine\n#\n", []overlay.Setting{enabled},
			"# mine\n#\ntracing:\n  otlp:\n    enabled: true\n", nil},
		"nothing to do": {"a text that already has the values is kept byte for byte", "tracing: {otlp: {enabled: true}} # x\n\n\n", []overlay.Setting{enabled},
			"tracing: {otlp: {enabled: true}} # x\n\n\n", nil},
		"comments": {"comments above, beside and below are kept",
			"# top\n\n# about ports\nports: # beside\n  web: 80 # number\n# foot\n", []overlay.Setting{enabled},
			"# top\n\n# about ports\nports: # beside\n  web: 80 # number\n# foot\n\ntracing:\n  otlp:\n    enabled: true\n", nil},
		"list item": {"an item is added to the user's list in the user's style",
			"additionalArguments:\n- \"--metrics.prometheus=true\" # keep\n- '--ping'\n", []overlay.Setting{argument("--tracing.otlp=true")},
			"additionalArguments:\n- \"--metrics.prometheus=true\" # keep\n- '--ping'\n- --tracing.otlp=true\n", nil},
		"deep list": {"the indentation of lists is kept",
			"additionalArguments:\n    - --ping # keep\n", []overlay.Setting{argument("--tracing.otlp=true")},
			"additionalArguments:\n  - --ping # keep\n  - --tracing.otlp=true\n", nil},
		"replaced item": {"an item of the same flag is replaced in its place and keeps its comment",
			"additionalArguments:\n  - --accesslog.format=common # old\n  - --ping\n", []overlay.Setting{argument("--accessLog.format=json")},
			"additionalArguments:\n  - --accessLog.format=json # old\n  - --ping\n", nil},
		"windows": {"Windows line endings are kept",
			"# top\r\nports:\r\n  web: 80\r\n", []overlay.Setting{enabled},
			"# top\r\nports:\r\n  web: 80\r\ntracing:\r\n  otlp:\r\n    enabled: true\r\n", nil},
		"anchor": {"a value that is an alias is copied before it changes, its anchor stays as it is",
			"base: &b\n  otlp:\n    enabled: false\ntracing: *b\n", []overlay.Setting{enabled},
			"base: &b\n  otlp:\n    enabled: false\ntracing:\n  otlp:\n    enabled: true\n", nil},
		"anchor replaced": {"an alias of a removed value keeps the old value",
			"tracing:\n  otlp:\n    enabled: &off false\nother: *off\n", []overlay.Setting{enabled},
			"tracing:\n  otlp:\n    enabled: true\nother: false\n", nil},
		"merge key": {"a merge key is kept and overridden next to it",
			"base: &b {serviceName: x}\ntracing:\n  <<: *b\n", []overlay.Setting{enabled},
			"base: &b {serviceName: x}\ntracing:\n  !!merge <<: *b\n  otlp:\n    enabled: true\n", nil},
		"removed with comment": {"a removed comment is reported",
			"tracing:\n  # old server\n  zipkin: {}\n  a: 1\n", []overlay.Setting{{Path: []string{"tracing", "zipkin"}, Remove: true}},
			"tracing:\n  a: 1\n", []string{"# old server"}},
		"quotes": {"a word that is a boolean in YAML 1.1 is quoted", "", []overlay.Setting{{Path: []string{"a"}, Value: "on"}},
			"a: \"on\"\n", nil},
		"doubled key": {"of a duplicate key the last one counts", "a: {x: 1}\na: {x: 2}\n", []overlay.Setting{{Path: []string{"a", "x"}, Value: 3}},
			"a: {x: 1}\na: {x: 3}\n", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tree, err := overlay.Parse(c.text)
			require.NoError(t, err, c.reason)
			applied, _, err := overlay.Apply(tree, c.settings)
			require.NoError(t, err, c.reason)
			got, lost, err := overlay.Rewrite(c.text, applied)
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, got, c.reason)
			require.Equal(t, c.lost, lost, c.reason)
		})
	}
}
