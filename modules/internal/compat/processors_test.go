// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestProcessorSpan(t *testing.T) {
	cases := map[string]struct {
		reason    string
		processor string
		version   string
		want      bool
	}{
		"1.5.0":         {"the first generators had two", "span-metrics", "1.5.0", true},
		"blocks 2.1.1":  {"not yet", "local-blocks", "2.1.1", false},
		"blocks 2.2.0":  {"the first", "local-blocks", "2.2.0", true},
		"blocks 2.10.8": {"the last", "local-blocks", "2.10.8", true},
		"blocks 3.0.0":  {"removed", "local-blocks", "3.0.0", false},
		"host 2.7.2":    {"not yet", "host-info", "2.7.2", false},
		"host 2.8.0":    {"the first", "host-info", "2.8.0", true},
		"host 3.0.3":    {"still supported", "host-info", "3.0.3", true},
		"count 2.1.1":   {"not yet", "span-metrics-count", "2.1.1", false},
		"count 2.2.0":   {"the first", "span-metrics-count", "2.2.0", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, compat.Processors(), test.processor)
			require.Equal(t, test.want, compat.ProcessorSpan(test.processor).Holds(test.version), test.reason)
		})
	}
}
