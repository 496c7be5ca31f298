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
	status := Status{
		Release:  helm.Release{Name: "l", Namespace: "n", Status: helm.Deployed, Values: env("hunter2")},
		Proposal: Proposal{Values: env("hunter3"), Entries: []overlay.Setting{{Path: []string{"proxy", "additionalEnv"}}}},
	}
	made := (&client{}).change(Spec{}, status)
	require.Equal(t, env("*** (before)"), made.Before)
	require.Equal(t, env("*** (after)"), made.After)
}
