// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/traefikfind"
)

func TestFieldNeedsNoTempo(t *testing.T) {
	tests := map[string]struct {
		reason string
		args   Args
		image  string
		want   string
	}{
		"v3":        {"by its image", Args{}, "rancher/mirrored-library-traefik:3.6.12", "trace_id"},
		"v2":        {"it sends spans by Zipkin", Args{}, "rancher/mirrored-library-traefik:2.11.24", "request_X-B3-Traceid"},
		"unknown":   {"the version is unknown", Args{}, "traefik:latest", ""},
		"named":     {"by the task", Args{Version: "3.6.12"}, "traefik:latest", "trace_id"},
		"on absent": {"nothing uses it", Args{State: "absent"}, "traefik:3.6.12", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			module := new(client)
			module.field = traceIDField(Spec{tc.args}, Status{Workload: traefikfind.Workload{Image: tc.image}})
			require.Equal(t, tc.want, module.field, tc.reason)
			require.Equal(t, tc.want != "", module.Partial() != nil, tc.reason)
		})
	}
}
