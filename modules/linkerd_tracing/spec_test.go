// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/secret"
)

func TestSpec(t *testing.T) {
	password := secret.NewText("S3CRET")
	args := Args{
		State: "present", Limit: time.Minute,
		Endpoints: map[string]any{"otlp_grpc": "tempo:4317", "opencensus": nil, "zipkin": 9411},
		ChartRef:  "linkerd-jaeger", ChartRepoURL: "https://charts.example", ChartVersion: "30.12.11", ChartUser: "reader", ChartPassword: password, ChartCA: "/ca.crt",
	}
	spec, err := Module{}.Spec(args)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"otlp_grpc": "tempo:4317"}, spec.Endpoints, "a value that is not an address does not come from tempo_helm")
	require.Equal(t, helm.Source{Ref: "linkerd-jaeger", Repository: "https://charts.example", Version: "30.12.11", Username: "reader", Password: password, CAFile: "/ca.crt"}, spec.Chart)
	require.Equal(t, time.Minute, spec.Timeout())
	require.False(t, spec.absent())

	args.State = "absent"
	spec, err = Module{}.Spec(args)
	require.NoError(t, err)
	require.True(t, spec.absent())
}
