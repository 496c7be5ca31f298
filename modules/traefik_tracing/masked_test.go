// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

func TestChangeHidesTheSecretsOfValues(t *testing.T) {
	status := Status{Method: methodConfig, Name: "traefik", Namespace: "kube-system", Exists: true}
	status.Proposal = Proposal{
		Before: map[string]any{
			"env":                       []any{map[string]any{"name": "API_TOKEN", "value": "hunter2"}, map[string]any{"name": "TZ", "value": "UTC"}},
			"additionalArguments":       []any{"--tracing.otlp.http.headers.Authorization=Bearer hunter3", "--log.level=INFO"},
			"tracing.otlp.http.headers": map[string]any{"Authorization": "hunter4"},
		},
		After: map[string]any{"additionalArguments": []any{"--log.level=INFO"}},
	}
	change := new(client).change(status)
	require.Equal(t, map[string]any{
		"env":                       []any{map[string]any{"name": "API_TOKEN", "value": "***"}, map[string]any{"name": "TZ", "value": "UTC"}},
		"additionalArguments":       []any{"--tracing.otlp.http.headers.Authorization=***", "--log.level=INFO"},
		"tracing.otlp.http.headers": map[string]any{"Authorization": "***"},
	}, change.Before)
	require.Equal(t, map[string]any{"additionalArguments": []any{"--log.level=INFO"}}, change.After)
}

func TestResultHidesTheSecretsOfArguments(t *testing.T) {
	status := Status{Workload: traefikfind.Workload{Args: []string{"--tracing.otlp.http.headers.authorization=Bearer hunter2", "--accesslog=true", "--providers.x.token=hunter3"}}}
	result := new(client).Result(absent(), status)
	require.Equal(t, []any{"--tracing.otlp.http.headers.authorization=***", "--accesslog=true"}, result["arguments"])
	status.Text, status.Lower = "providers:\n  token: hunter4\n", map[string]any{"env": []any{map[string]any{"name": "DB_DSN", "value": "hunter5"}}}
	var hide secret.Redactor
	status.learn(secret.WithRedactor(t.Context(), &hide))
	require.Equal(t, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER VALUE_SPECIFIED_IN_NO_LOG_PARAMETER VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", hide.Text("hunter3 hunter4 hunter5"),
		"the chart may quote them when it refuses the values")
}
