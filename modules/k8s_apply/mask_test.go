// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestShownHidesTheValuesOfASecret(t *testing.T) {
	before, after := shown("Secret",
		map[string]any{"data": map[string]any{"same": "YQ==", "password": "Yg==", "goes": "Yw=="}, "type": "Opaque"},
		map[string]any{"data": map[string]any{"same": "YQ==", "password": "ZA==", "comes": "ZQ=="}, "type": "Opaque"})
	require.Equal(t, map[string]any{"data": map[string]any{"same": "***", "password": "*** (before)", "goes": "*** (before)"}, "type": "Opaque"}, before)
	require.Equal(t, map[string]any{"data": map[string]any{"same": "***", "password": "*** (after)", "comes": "*** (after)"}, "type": "Opaque"}, after)
}

func TestShownHidesVariablesThatAreNamedLikeASecret(t *testing.T) {
	pod := map[string]any{"containers": []any{map[string]any{"name": "web", "env": []any{
		map[string]any{"name": "DB_PASSWORD", "value": "hunter2"}, map[string]any{"name": "WEB_PORT", "value": "8080"},
	}}}}
	_, after := shown("Deployment", nil, pod)
	require.Equal(t, map[string]any{"containers": []any{map[string]any{"name": "web", "env": []any{
		map[string]any{"name": "DB_PASSWORD", "value": "***"}, map[string]any{"name": "WEB_PORT", "value": "8080"},
	}}}}, after)
}

func TestScrubbedTakesASecretOutOfARefusal(t *testing.T) {
	manifest := object(t, `{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {key: aHVudGVyMg==}}`)
	err := scrubbed(manifest, fault.New(fault.Rejected, "do", "apply Secret s: invalid value hunter2 (aHVudGVyMg==)"))
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), "aHVudGVyMg==")
	require.Equal(t, fault.Rejected, fault.KindOf(err))
	require.Equal(t, "do", fault.HintOf(err))
}
