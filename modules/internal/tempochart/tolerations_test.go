// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInvalidTolerations(t *testing.T) {
	cases := map[string]struct {
		reason string
		item   map[string]any
		want   string
	}{
		"a taint":       {"of the control plane", map[string]any{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists", "effect": "NoSchedule"}, ""},
		"its value":     {"the operator is Equal without one", map[string]any{"key": "storage", "value": "ssd"}, ""},
		"every taint":   {"of every effect", map[string]any{"operator": "Exists"}, ""},
		"for a while":   {"a minute", map[string]any{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": float64(60)}, ""},
		"a boolean":     {"YAML turns true into a boolean", map[string]any{"key": "dedicated", "value": true}, "needs a string as value of item 1: put it in quotes"},
		"a number":      {"YAML turns digits into a number", map[string]any{"key": int64(5)}, "needs a string as key of item 1: put it in quotes"},
		"another key":   {"misspelt", map[string]any{"key": "a", "effects": "NoSchedule"}, `has an unknown key "effects" in item 1: known are key, operator, value, effect, tolerationSeconds`},
		"an operator":   {"misspelt", map[string]any{"key": "a", "operator": "Equals"}, "needs Equal or Exists as operator of item 1"},
		"an effect":     {"misspelt", map[string]any{"key": "a", "effect": "noSchedule"}, "needs NoSchedule, PreferNoSchedule or NoExecute as effect of item 1, or none for all of them"},
		"no key":        {"the taint is not named", map[string]any{"value": "a"}, "needs a key in item 1, or operator: Exists for every taint"},
		"nothing":       {"the same", map[string]any{}, "needs a key in item 1, or operator: Exists for every taint"},
		"value, Exists": {"the value would have no effect", map[string]any{"key": "a", "operator": "Exists", "value": "b"}, "has a value in item 1 that has no effect with operator: Exists"},
		"words":         {"of seconds", map[string]any{"key": "a", "effect": "NoExecute", "tolerationSeconds": "5m"}, "needs a whole number as tolerationSeconds of item 1"},
		"in vain":       {"nothing evicts the pods", map[string]any{"key": "a", "effect": "NoSchedule", "tolerationSeconds": int64(5)}, "has tolerationSeconds in item 1, which is for effect: NoExecute only"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := checkTolerations([]any{test.item})
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}
