// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestDifferencesAreMasked(t *testing.T) {
	state := func(password, config string, port int64) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"spec": map[string]any{"env": []any{map[string]any{"name": "DB_PASSWORD", "value": password}}, "port": port},
			"data": map[string]any{"tempo.yaml": config},
		}}
	}
	require.Equal(t, map[string][2]any{
		"spec.env[0].value": {"*** (before)", "*** (after)"},
		"spec.port":         {int64(1), int64(2)},
		"data.tempo.yaml":   {"port: 1\nsecret_key: '***'\n", "port: 2\nsecret_key: '***'\n"},
	}, Differences(state("hunter2", "port: 1\nsecret_key: hunter3\n", 1), state("hunter4", "port: 2\nsecret_key: hunter3\n", 2)))
}
