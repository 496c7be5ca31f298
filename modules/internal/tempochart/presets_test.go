// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestPresetFor(t *testing.T) {
	cases := map[string]struct{ reason, want string }{
		"3800Mi": {"a Pi of 4 GB", "raspberrypi"},
		"7900Mi": {"a Pi of 8 GB", "small"},
		"6Gi":    {"the border", "small"},
		"12Gi":   {"the border", "default"},
		"0":      {"a node without a reported size counts as small", "raspberrypi"},
	}
	for memory, test := range cases {
		require.Equal(t, test.want, PresetFor(resource.MustParse(memory)), "%s: %s", memory, test.reason)
	}
}
