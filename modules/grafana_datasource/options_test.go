// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigMapNameIsValidated(t *testing.T) {
	cases := map[string]struct {
		reason, name string
		valid        bool
	}{
		"one letter":        {"the shortest name", "a", true},
		"usual":             {"dots and hyphens join words", "grafana-datasource.tempo-1", true},
		"253 characters":    {"Kubernetes' longest name", strings.Repeat("a", 253), true},
		"254 characters":    {"one character too many", strings.Repeat("a", 254), false},
		"nothing":           {"a name is required", "", false},
		"capital letters":   {"Kubernetes refuses them", "Tempo", false},
		"hyphen at the end": {"Kubernetes requires a letter or digit at the end", "tempo-", false},
		"trailing newline":  {"the pattern matches the end of the text, not of the line", "tempo\n", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.valid, checkObject(test.name) == nil, test.reason)
		})
	}
}
