// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestGoneValues(t *testing.T) {
	cases := map[string]struct {
		reason, chart, version string
		want                   int
	}{
		"one pod of 1.5": {"all exist", compat.TempoMonolithic, "0.16.6", 0},
		"one pod of 2":   {"search and global_overrides", compat.TempoMonolithic, "2.2.4", 2},
		"one pod of 3":   {"and four more", compat.TempoMonolithic, "3.0.0", 6},
		"many of 1.5":    {"all exist", compat.TempoDistributed, "0.27.9", 0},
		"many of 3":      {"ingester, compactor, MinIO", compat.TempoDistributed, "3.3.0", 4},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			gone := compat.GoneValues(test.chart, test.version)
			require.Len(t, gone, test.want, test.reason)
			for _, value := range gone {
				require.NotEmpty(t, value.Instead)
				require.NotEmpty(t, value.Source)
			}
		})
	}
}

func TestStreamKey(t *testing.T) {
	require.Equal(t, []string{"streamOverHTTPEnabled"}, compat.StreamKey(compat.TempoDistributed, "1.58.1"))
	require.Nil(t, compat.StreamKey(compat.TempoDistributed, "1.58.0"))
	require.Equal(t, []string{"tempo", "streamOverHttpEnabled"}, compat.StreamKey(compat.TempoMonolithic, "3.0.0"), "it is spelled differently there")
	require.Nil(t, compat.StreamKey(compat.TempoMonolithic, "2.1.2"))
}

func TestProvenChart(t *testing.T) {
	require.Equal(t, "3.0.0", compat.ProvenChart(compat.TempoMonolithic))
	require.Equal(t, "2.26.2", compat.ProvenChart(compat.TempoDistributed), "the last without Kafka")
	require.Empty(t, compat.ProvenChart("loki"))
}

func TestProvenFor(t *testing.T) {
	cases := map[string]struct{ reason, chart, tempo, want string }{
		"1.5":           {"no move to another major", compat.TempoDistributed, "1.5.0", "0.27.9"},
		"2.9":           {"the last minor of 2", compat.TempoDistributed, "2.9.0", "2.26.2"},
		"2.10.8":        {"newer already", compat.TempoDistributed, "2.10.8", ""},
		"2.3":           {"2.10 does not read its blocks", compat.TempoDistributed, "2.3.1", ""},
		"one pod of 2":  {"it stays on 2", compat.TempoMonolithic, "2.9.0", "2.2.4"},
		"one pod of 3":  {"the first of 3", compat.TempoMonolithic, "3.0.0", "3.0.0"},
		"one pod of 31": {"newer already", compat.TempoMonolithic, "3.1.0", ""},
		"no version":    {"nothing is known", compat.TempoMonolithic, "main", ""},
	}
	for name, test := range cases {
		require.Equal(t, test.want, compat.ProvenFor(test.chart, test.tempo), "%s: %s", name, test.reason)
	}
}
