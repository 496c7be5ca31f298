// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

func TestChangeHidesTheSecretsOfValues(t *testing.T) {
	env := func(value string) map[string]any {
		return map[string]any{"proxy": map[string]any{"additionalEnv": []any{map[string]any{"name": "API_TOKEN", "value": value}, map[string]any{"name": "TZ", "value": "UTC"}}}}
	}
	have := State{Release: helm.Release{Name: "l", Namespace: "n", Status: helm.Deployed, Values: env("hunter2")}}
	made := change(have, draft{values: env("hunter3"), entries: []overlay.Entry{{Path: []string{"proxy", "additionalEnv"}}}})
	require.Equal(t, env("*** (before)"), made.Before)
	require.Equal(t, env("*** (after)"), made.After)
}
