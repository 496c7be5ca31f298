// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestCrossings(t *testing.T) {
	cases := map[string]struct {
		reason, from, to string
		want             []string
	}{
		"1 to 2":     {"the write-ahead log has another format", "1.5.0", "2.10.8", []string{"2.0.0"}},
		"1 to 3":     {"both", "1.5.0", "3.0.3", []string{"2.0.0", "3.0.0"}},
		"2 to 3":     {"no pod replays the log", "2.10.8", "3.0.3", []string{"3.0.0"}},
		"3 to 2":     {"a downgrade is one, too", "3.0.3", "2.10.8", []string{"3.0.0"}},
		"within 2":   {"none", "2.0.1", "2.10.8", nil},
		"no version": {"nothing is known", "main", "3.0.3", nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var into []string
			for _, crossing := range compat.CrossingsBetween(test.from, test.to) {
				into = append(into, crossing.Into)
			}
			require.Equal(t, test.want, into, test.reason)
		})
	}
	for _, crossing := range compat.Crossings() {
		require.NotEmpty(t, crossing.Loses, crossing.Into)
		require.NotEmpty(t, crossing.Source, crossing.Into)
	}
}

func TestProvenWith(t *testing.T) {
	row, ok := compat.ProvenWith(compat.TempoDistributed, "2.10.8")
	require.True(t, ok)
	require.Equal(t, "2.26.2", row.Version)
	_, ok = compat.ProvenWith(compat.TempoMonolithic, "2.4.2")
	require.False(t, ok, "nobody tried it")
	_, ok = compat.ProvenWith(compat.TempoMonolithic, "main")
	require.False(t, ok)
}
