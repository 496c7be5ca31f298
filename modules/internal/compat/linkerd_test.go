// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestLinkerdFor(t *testing.T) {
	cases := map[string]struct {
		reason   string
		way      compat.LinkerdMethod
		protocol string
		choice   bool
		switches []string
		joined   bool
	}{
		"stable-2.12.2":     {"at the time of the seed procedure", compat.LinkerdExtension, "opencensus", false, nil, false},
		"stable-2.14.10":    {"the last stable release", compat.LinkerdExtension, "opencensus", false, nil, false},
		"edge-24.9.3":       {"before the choice", compat.LinkerdExtension, "opencensus", false, nil, false},
		"edge-24.11.8":      {"2.17", compat.LinkerdExtension, "opentelemetry", true, nil, false},
		"enterprise-2.18.0": {"a vendor's build", compat.LinkerdExtension, "opentelemetry", true, nil, false},
		"edge-25.6.4":       {"the first spelling", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enable"}, true},
		"edge-25.9.4":       {"the last with that spelling", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enable"}, true},
		"edge-25.10.7":      {"2.19: variables follow one key, the volume the other", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enabled", "enable"}, false},
		"enterprise-2.19.1": {"the same, by its version number", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enabled", "enable"}, false},
		"edge-26.8.3":       {"newest", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enabled"}, false},
		"2.20.0":            {"a bare number", compat.LinkerdControlPlane, "opentelemetry", false, []string{"enabled"}, false},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			got, err := compat.LinkerdFor(version)
			require.NoError(t, err)
			require.Equal(t, test.way, got.Method, test.reason)
			require.Equal(t, test.protocol, got.Protocols[0], test.reason)
			require.Equal(t, test.choice, got.Choice, test.reason)
			require.Equal(t, test.switches, got.Switches, test.reason)
			require.Equal(t, test.joined, got.Joined, test.reason)
			require.NotEmpty(t, got.Source)
		})
	}
	for _, version := range []string{"", "dev-undefined", "stable-2.1.0"} {
		_, err := compat.LinkerdFor(version)
		require.Error(t, err, version)
	}
}
