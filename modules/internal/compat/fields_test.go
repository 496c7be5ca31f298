// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestUnknownFields(t *testing.T) {
	config := map[string]any{"compactor": nil, "ingester": nil, "server": nil, "live_store": nil, "search_enabled": nil, "misspelt": nil}
	cases := map[string]struct {
		reason string
		want   []string
	}{
		"1.5.0":  {"there is no live store yet", []string{"live_store", "misspelt"}},
		"2.10.8": {"both write paths", []string{"misspelt", "search_enabled"}},
		"3.0.3":  {"what makes pods crash-loop", []string{"compactor", "ingester", "misspelt", "search_enabled"}},
		"9.0.0":  {"it has not been examined", nil},
		"latest": {"no version", nil},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			require.Equal(t, test.want, compat.UnknownFields(config, version), test.reason)
		})
	}
	span, ok := compat.FieldSpan("memory")
	require.True(t, ok)
	require.Equal(t, compat.Span{From: "3.0.0"}, span)
}

func TestFlatOverrides(t *testing.T) {
	flat := map[string]any{"metrics_generator_processors": []any{"span-metrics"}, "per_tenant_override_config": "/conf/overrides.yaml"}
	require.Equal(t, []string{"metrics_generator_processors"}, compat.FlatOverrides(flat, "3.0.3"), "Tempo 3 does not start with it")
	require.Empty(t, compat.FlatOverrides(flat, "2.10.8"), "it still takes both forms")
	require.Empty(t, compat.FlatOverrides(map[string]any{"block_retention": "1h", "enable_legacy_overrides": true}, "3.0.3"), "allowed explicitly")
	require.Empty(t, compat.FlatOverrides(map[string]any{"defaults": map[string]any{}}, "3.0.3"), "the current form")
}
