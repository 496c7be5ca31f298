// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestShownReleaseHidesTheSecretsOfValues(t *testing.T) {
	values := func(password, basicAuth string) map[string]any {
		return map[string]any{
			"gateway":     map[string]any{"basicAuth": map[string]any{"enabled": true, "htpasswd": basicAuth}, "port": 80},
			"distributor": map[string]any{"extraEnv": []any{map[string]any{"name": "DB_PASSWORD", "value": password}}, "extraArgs": []any{"-auth.token=hunter9"}},
		}
	}
	have := State{Release: helm.Release{Values: values("hunter2", "me:hunter3")}, Target: Target{Values: values("hunter4", "me:hunter3")}}
	before, after := have.shownRelease()
	shown := func(password string) map[string]any {
		return map[string]any{
			"gateway":     map[string]any{"basicAuth": map[string]any{"enabled": true, "htpasswd": "***"}, "port": 80},
			"distributor": map[string]any{"extraEnv": []any{map[string]any{"name": "DB_PASSWORD", "value": password}}, "extraArgs": []any{"-auth.token=***"}},
		}
	}
	require.Equal(t, shown("*** (before)"), before["values"])
	require.Equal(t, shown("*** (after)"), after["values"])
}
