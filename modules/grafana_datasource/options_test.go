// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNameOfAConfigMapIsCheckedBeforehand(t *testing.T) {
	cases := map[string]struct {
		reason, name string
		valid        bool
	}{
		"one letter":      {"the shortest name", "a", true},
		"usual":           {"dots and hyphens join words", "grafana-datasource.tempo-1", true},
		"253 characters":  {"Kubernetes' longest name", strings.Repeat("a", 253), true},
		"254 characters":  {"one too many", strings.Repeat("a", 254), false},
		"nothing":         {"an object has a name", "", false},
		"capital letters": {"Kubernetes refuses them", "Tempo", false},
		"hyphen at last":  {"Kubernetes wants a letter or digit", "tempo-", false},
		"a line more":     {"the end is the text's, not the line's", "tempo\n", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.valid, checkObject(test.name) == nil, test.reason)
		})
	}
}
