// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestOptionsWithoutEffect(t *testing.T) {
	cases := map[string]struct {
		reason, image string
		change        func(*Spec)
		fails         string
		warns         []string
	}{
		"v2, defaults": {"the defaults apply to both", "traefik:v2.11.2", nil, "", nil},
		"v2, gRPC":     {"Zipkin goes over HTTP", "traefik:v2.11.2", func(s *Spec) { s.Protocol = "grpc" }, "Traefik 2.11.2 sends by Zipkin over HTTP with B3 headers and no attributes: protocol would have no effect", nil},
		"v2, attributes": {"it has no flag for attributes, and no other header", "traefik:v2.11.2", func(s *Spec) {
			s.ResourceAttributes, s.Propagators = map[string]string{"cluster": "pi"}, []string{"tracecontext"}
		}, "Traefik 2.11.2 sends by Zipkin over HTTP with B3 headers and no attributes: propagators, resource_attributes would have no effect", nil},
		"v2, false": {"its own option", "traefik:v2.11.2", func(s *Spec) { s.SameSpan = false }, "", nil},
		"v3, false": {"k3s has upgraded it to v3", "traefik:v3.6.13", func(s *Spec) { s.SameSpan = false }, "", []string{"Traefik 3.6.13 does not know same_span and id_128bit, which are for v2: they have no effect"}},
		"v3, gRPC":  {"its own option", "traefik:v3.6.13", func(s *Spec) { s.Protocol = "grpc" }, "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39("", c.image)
			found.Chart = "27.0.201+up27.0.2"
			if c.image != "traefik:v2.11.2" {
				found.Chart = "39.0.701+up39.0.7"
			}
			steps, err := planned(asked(c.change), found)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				require.Equal(t, fault.Unsupported, fault.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.warns, steps.Warnings, c.reason)
		})
	}
}
