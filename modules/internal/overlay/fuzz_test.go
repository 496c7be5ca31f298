// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Applying and reverting leaves somebody's values as they were, and applying
// twice equals applying once.
func FuzzApplyAndRevert(f *testing.F) {
	settings := []Setting{
		{Path: []string{"tracing", "otlp", "enabled"}, Value: true}, {Path: []string{"env"}, Item: "OTEL_PROPAGATORS", Value: map[string]any{"name": "OTEL_PROPAGATORS", "value": "b3"}},
		{Path: []string{"tracing", "zipkin"}, Remove: true}, {Path: []string{"logs", "format"}, Value: "json", Default: true},
		{Path: []string{"additionalArguments"}, Item: "tracing", Value: "--tracing=true"},
	}
	for _, seed := range []string{"", "tracing: {zipkin: {a: b}}\n", "env: [{name: OTEL_PROPAGATORS, value: x}, {name: A}]\n", "tracing:\n", "additionalArguments: [--Tracing=false, a]\nlogs: {format: x}\n", "env: {}\n", "tracing: [1]\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := Parse(text)
		if err != nil {
			t.Skip("no values")
		}
		applied, previous, err := Apply(tree, settings)
		if err != nil {
			return
		}
		again, none, err := Apply(applied, settings)
		require.NoError(t, err)
		require.True(t, Equal(applied, again), "applied twice")
		_ = none
		require.True(t, Equal(tree, Revert(applied, previous)), "%v\n%v", tree, Revert(applied, previous))
	})
}

// A rewritten document holds the tree that it was rewritten for.
func FuzzRewrite(f *testing.F) {
	for _, seed := range [][2]string{{"a: 1 # one\n", "a: 2\n"}, {"", "a: {b: [1, x]}\n"}, {"# head\na:\n  - b\n", "{}"}, {"a: &x {b: 1}\nc: *x\n", "a: {b: 2}\nc: {b: 1}\n"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, wanted string) {
		if _, err := Parse(text); err != nil {
			t.Skip("no values")
		}
		tree, err := Parse(wanted)
		if err != nil {
			t.Skip("no values")
		}
		rewritten, _, err := Rewrite(text, tree)
		if err != nil {
			return
		}
		read, err := Parse(rewritten)
		require.NoError(t, err, rewritten)
		require.True(t, Equal(tree, read), "%q", rewritten)
	})
}
