// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryCauseHasAHint(t *testing.T) {
	seen := map[string]bool{}
	for _, cause := range causes {
		key := string(cause.Hop) + "/" + string(cause.Symptom)
		require.False(t, seen[key], "%s stands there twice", key)
		seen[key] = true
		require.NotEmpty(t, cause.Text, key)
		require.NotEmpty(t, cause.Look, key)
		require.NotEmpty(t, cause.Source, key)
		require.True(t, cause.Hop == anyReceiver || cause.Hop == measuredHop || titles[cause.Hop] != "", key)
	}
}

func TestInside(t *testing.T) {
	cases := map[string]struct {
		reason, reach, host string
		want                service
		inside              bool
	}{
		"service with domain": {"as tempo_helm writes it", "auto", "tempo-distributor.tracing.svc.cluster.local:4318", service{"tracing", "tempo-distributor", 4318}, true},
		"service alone":       {"short form", "auto", "loki.logging.svc", service{"logging", "loki", 80}, true},
		"address":             {"of this network", "auto", "10.0.0.11:4318", service{}, false},
		"other name":          {"DNS resolves it", "auto", "tempo.picluster.example:3200", service{}, false},
		"told to go directly": {"in a pod", "direct", "tempo.tracing.svc:3200", service{}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, inside := (&dialer{spec: Spec{Args: Args{Reach: test.reach}}}).inside(test.host)
			require.Equal(t, test.inside, inside, test.reason)
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestTagOf(t *testing.T) {
	cases := map[string]struct{ reason, image, want string }{
		"tag":      {"as in k3s", "rancher/mirrored-library-traefik:3.6.7", "3.6.7"},
		"port":     {"the colon is the registry's", "registry.example:5000/traefik", ""},
		"both":     {"and a tag", "registry.example:5000/traefik:v3.7.1", "v3.7.1"},
		"digest":   {"after the tag", "traefik:v2.9.1@sha256:00", "v2.9.1"},
		"no place": {"the name alone", "traefik", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, tagOf(test.image), test.reason) })
	}
}
