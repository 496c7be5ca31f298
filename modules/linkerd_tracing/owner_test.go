// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// What Flux owns is refused, with the values for the place where they last.
func TestForeignOwnerIsRefusedWithTheValues(t *testing.T) {
	have := mesh(t, "edge-26.8.3")
	have.Owner = kube.Owner{Name: "Flux' HelmRelease flux-system/linkerd", Place: "spec.values of that HelmRelease"}
	_, err := New().Plan(State{Wish: wish()}, have)
	require.EqualError(t, err, "Helm release linkerd/lp belongs to Flux' HelmRelease flux-system/linkerd, which would undo the change")
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, "put these values into spec.values of that HelmRelease, or set force: true to change it all the same:\n"+
		"proxy:\n  tracing:\n    collector:\n      endpoint: tempo-distributor.tracing.svc.cluster.local:4317\n      meshIdentity:\n        namespace: tracing\n        serviceAccountName: tempo\n"+
		"    enabled: true\n    traceServiceName: linkerd-proxy\n", fault.HintOf(err))

	forced := wish()
	forced.Force = true
	got, err := New().Plan(State{Wish: forced}, have)
	require.NoError(t, err)
	require.Len(t, got.Changed(), 1)
}

// Settings of the user's that are replaced are named, and so is a Jaeger that
// goes.
func TestReplacedSettingsAreNamed(t *testing.T) {
	const restart = "pods that are in the mesh already send traces as they did until they are restarted: kubectl -n NAMESPACE rollout restart deployment"
	cases := map[string]struct {
		reason, version string
		values          tree
		want            []string
	}{
		"another collector": {"by name", "edge-26.8.3", tree{"proxy": tree{"tracing": tree{"enabled": true, "collector": tree{"endpoint": "old.example:4317"}}}},
			[]string{"release linkerd/lp: settings of yours are replaced until state: absent puts them back: proxy.tracing.collector.endpoint old.example:4317 becomes tempo-distributor.tracing.svc.cluster.local:4317", restart}},
		"none": {"nothing of the user's", "edge-26.8.3", tree{}, []string{restart}},
		"a Jaeger": {"the chart's default", "edge-24.11.8", tree{},
			[]string{"release linkerd/lp: the extension's own collector and Jaeger are switched off, and the traces that this Jaeger holds are gone", restart}},
		"no Jaeger": {"the user has switched it off", "edge-24.11.8", tree{"jaeger": tree{"enabled": false}}, []string{restart}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			have := mesh(t, c.version)
			have.Release.Values, have.Release.Chart = c.values, helm.Chart{Defaults: tree{"jaeger": tree{"enabled": true}}}
			got, err := New().Plan(State{Wish: wish()}, have)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Warnings, c.reason)
		})
	}
}
