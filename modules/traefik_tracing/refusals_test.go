// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// What a GitOps tool owns is refused, with the values for the place where they
// belong.
func TestForeignOwnersAreRefusedWithTheValues(t *testing.T) {
	argo := kube.Owner{Name: "Argo CD's Application cluster", Place: "the Git repository of that Application"}
	flux := kube.Owner{Name: "Flux' HelmRelease flux-system/traefik", Place: "spec.values of that HelmRelease"}
	values := accessLog + "env:\n- name: OTEL_PROPAGATORS\n  value: tracecontext,baggage,b3multi\n" + otlpValues + "  sampleRate: 1\n"
	cases := map[string]struct {
		reason string
		found  Status
		owner  kube.Owner
		says   string
		hint   string
	}{
		"Argo CD": {"a HelmChartConfig", chart39("tracing:\n  otlp:\n    grpc:\n      enabled: true\n", "traefik:v3.7.11"), argo,
			"HelmChartConfig kube-system/traefik belongs to Argo CD's Application cluster, which would undo the change",
			"put these values (spec.valuesContent of the HelmChartConfig) into the Git repository of that Application, or set force: true to change it anyway:\n" + values + "# without tracing.otlp.grpc\n"},
		"Flux": {"a release", released("41.3.0", "traefik:v3.7.11", ""), flux,
			"Helm release edge/traefik belongs to Flux' HelmRelease flux-system/traefik, which would undo the change",
			"put these values into spec.values of that HelmRelease, or set force: true to change it anyway:\n" + values},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.found.Chart, c.found.Owner = "41.3.0", c.owner
			steps, err := planned(asked(nil), c.found)
			require.EqualError(t, err, c.says, c.reason)
			require.Equal(t, fault.Conflict, fault.KindOf(err))
			require.Equal(t, c.hint, fault.HintOf(err))
			require.Len(t, steps.Changed(), 1, "the diff shows it too")

			_, err = planned(asked(func(s *Spec) { s.Force = true }), c.found)
			require.NoError(t, err)
		})
	}
}
