// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestWrittenBy(t *testing.T) {
	cases := map[string]struct{ reason, want string }{
		"1.5.0":  {"before Parquet became the default", "v2"},
		"2.0.1":  {"the first Parquet format", "vParquet"},
		"2.1.1":  {"it could write vParquet2, but does not by default", "vParquet"},
		"2.3.1":  {"until 2.4", "vParquet2"},
		"2.5.0":  {"until 2.6", "vParquet3"},
		"2.10.8": {"all later 2.x", "vParquet4"},
		"3.0.3":  {"also 3.0", "vParquet4"},
		"3.1.0":  {"the first with vParquet5", "vParquet5"},
		"latest": {"not a version", ""},
	}
	for version, test := range cases {
		require.Equal(t, test.want, compat.WrittenBy(version), "%s: %s", version, test.reason)
	}
}

func TestReadsBlocksOf(t *testing.T) {
	cases := map[string]struct {
		reason         string
		reader, writer string
		want           bool
	}{
		"2.10 of 1.5":    {"v2 was read until the end of 2", "2.10.8", "1.5.0", true},
		"2.10 of 2.0":    {"2.5 dropped vParquet", "2.10.8", "2.0.1", false},
		"2.10 of 2.3":    {"2.10 dropped vParquet2", "2.10.7", "2.3.1", false},
		"2.9 of 2.3":     {"the last that reads it", "2.9.0", "2.3.1", true},
		"3 of 1.5":       {"3 does not read v2", "3.0.3", "1.5.0", false},
		"3 of 2.5":       {"vParquet3 is not supported", "3.0.3", "2.5.0", false},
		"3 of 2.6":       {"vParquet4 is supported", "3.0.3", "2.6.0", true},
		"2.10 of 3.1":    {"it could read what 3.1 writes; the rest is checked elsewhere", "2.10.8", "3.1.0", true},
		"2.8 of 3.1":     {"no vParquet5 yet", "2.8.2", "3.1.0", false},
		"unknown writer": {"nothing is known about it", "3.0.3", "main", true},
		"unknown reader": {"nothing is known about it", "main", "1.5.0", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, compat.ReadsBlocksOf(test.reader, test.writer), test.reason)
		})
	}
}

func TestStepsBetween(t *testing.T) {
	cases := map[string]struct {
		reason   string
		from, to string
		want     []string
	}{
		"1.5 to 2.10":  {"in one step", "1.5.0", "2.10.8", nil},
		"1.5 to 3":     {"2.10 reads v2 and writes what 3 reads", "1.5.0", "3.0.3", []string{"2.10.8"}},
		"2.0 to 2.10":  {"2.4 reads vParquet, 2.10 what 2.4 writes", "2.0.1", "2.10.8", []string{"2.4.2"}},
		"2.3 to 2.10":  {"2.8 reads vParquet2", "2.3.1", "2.10.8", []string{"2.8.2"}},
		"2.0 to 3":     {"two intermediate steps", "2.0.1", "3.0.3", []string{"2.4.2", "2.10.8"}},
		"2.5 to 3":     {"2.10 reads vParquet3", "2.5.0", "3.0.3", []string{"2.10.8"}},
		"2.10 to 3":    {"in one step", "2.10.8", "3.0.3", nil},
		"2.10 to 2.10": {"nothing to do", "2.10.7", "2.10.8", nil},
		"unknown":      {"nothing is known", "main", "3.0.3", nil},
		"back":         {"there is no way back", "3.1.0", "2.8.2", nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, compat.StepsBetween(test.from, test.to), test.reason)
		})
	}
}

func TestBlockFormatNamed(t *testing.T) {
	format, ok := compat.BlockFormatNamed("vParquet3")
	require.True(t, ok)
	require.True(t, format.Chosen.Holds("3.0.3"))
	require.False(t, format.Chosen.Holds("3.1.0"), "3.1 does not start with it in its configuration")
	_, ok = compat.BlockFormatNamed("vParquet9")
	require.False(t, ok)
}
