// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestSupportOf(t *testing.T) {
	cases := map[string]struct {
		reason string
		ends   string
		known  bool
	}{
		"3.0.3":  {"the first minor of 3", "2027-02-28", true},
		"2.10.7": {"the last minor of 2", "2027-04-26", true},
		"2.9.0":  {"ends with the year", "2026-12-31", true},
		"1.5.0":  {"no longer listed: treated as the oldest that is", "2025-10-13", true},
		"3.1.0":  {"nothing is known yet", "", false},
		"latest": {"no version", "", false},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			support, ok := compat.SupportOf(version)
			require.Equal(t, test.known, ok, test.reason)
			if ok {
				require.Equal(t, test.ends, support.Ends.Format(time.DateOnly), test.reason)
			}
		})
	}
}
