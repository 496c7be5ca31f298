// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A version or an image tag of whatever form is known or not; nothing else
// happens.
func FuzzVersions(f *testing.F) {
	for _, seed := range []string{"v3.6.13", "3.6", "latest", "39.0.701+up39.0.7", "stable-2.12.2", "edge-24.11.8", "1.x", "v", "", "99999999999999999999.0.0", "3.6.12@sha256:ab"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, version string) {
		_ = Major(version)
		_ = GrafanaHas(TracesToLogsV2, version)
		_, _ = LinkerdFor(version)
		_, _ = Traefik(version)
		_ = TempoHas(TempoDistributed, SearchSwitch, version)
		number, _, known := TraefikRelease(version)
		if !known {
			return
		}
		again, _, stillKnown := TraefikRelease(number)
		require.True(t, stillKnown, number)
		require.Equal(t, number, again)
	})
}
