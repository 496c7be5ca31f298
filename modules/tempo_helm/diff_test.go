// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestReleaseDiffHidesTheSecretsOfValues(t *testing.T) {
	values := func(password, basicAuth string) map[string]any {
		return map[string]any{
			"gateway":     map[string]any{"basicAuth": map[string]any{"enabled": true, "htpasswd": basicAuth}, "port": 80},
			"distributor": map[string]any{"extraEnv": []any{map[string]any{"name": "DB_PASSWORD", "value": password}}, "extraArgs": []any{"-auth.token=hunter9"}},
		}
	}
	status := Status{Release: helm.Release{Values: values("hunter2", "me:hunter3")}, Proposal: Proposal{Values: values("hunter4", "me:hunter3")}}
	before, after := status.releaseDiff()
	shown := func(password string) map[string]any {
		return map[string]any{
			"gateway":     map[string]any{"basicAuth": map[string]any{"enabled": true, "htpasswd": "***"}, "port": 80},
			"distributor": map[string]any{"extraEnv": []any{map[string]any{"name": "DB_PASSWORD", "value": password}}, "extraArgs": []any{"-auth.token=***"}},
		}
	}
	require.Equal(t, shown("*** (before)"), before["values"])
	require.Equal(t, shown("*** (after)"), after["values"])
}
