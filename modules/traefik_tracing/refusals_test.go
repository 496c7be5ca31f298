// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// What a GitOps tool owns is refused, with the values for the place where they
// last.
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
			"put these values (spec.valuesContent of the HelmChartConfig) into the Git repository of that Application, or set force: true to change it all the same:\n" + values + "# without tracing.otlp.grpc\n"},
		"Flux": {"a release", released("41.3.0", "traefik:v3.7.11", ""), flux,
			"Helm release edge/traefik belongs to Flux' HelmRelease flux-system/traefik, which would undo the change",
			"put these values into spec.values of that HelmRelease, or set force: true to change it all the same:\n" + values},
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

// What Argo CD has rendered is no release, and is not changed here.
func TestOwnerOfAWorkloadWithoutReleaseIsNamed(t *testing.T) {
	loose := running("")
	loose.Owner = kube.Owner{Name: "Argo CD's Application edge", Place: "the Git repository of that Application"}
	_, err := choose(Spec{Args{Method: "auto"}}, nil, []Workload{loose})
	require.EqualError(t, err, "find Traefik: deployment/kube-system/traefik was not installed by Helm and belongs to Argo CD's Application edge: put Traefik's settings into the Git repository of that Application")
}

// The task's Traefik is looked for until it is found, and no further.
func TestHowFarIsLooked(t *testing.T) {
	named, other := running("kube-system/traefik"), running("edge/ingress")
	named.named, other.Chart, other.Name = true, "traefik-39.0.7", "ingress"
	foreign := Workload{Kind: "Deployment", Namespace: "x", Name: "podinfo", Release: "x/podinfo", Chart: "podinfo-6.0.0"}
	crds := Workload{Kind: "Deployment", Namespace: "x", Name: "crds", Release: "x/crds", Chart: "traefik-crds-1.0.0"}
	charts := []kube.HelmChart{helmChart("traefik", k3sChart, "")}

	all := joined(joined(nil, []Workload{named, foreign, crds}, charts), []Workload{named, other}, charts)
	require.Equal(t, []Workload{named, other}, all, "by the chart's label, each once")

	cases := map[string]struct {
		reason    string
		args      Args
		charts    []kube.HelmChart
		workloads []Workload
		list      int
		want      bool
	}{
		"named by the task":      {"nothing else matters", Args{Method: "auto", Name: "traefik", Namespace: "kube-system"}, charts, []Workload{named}, 0, true},
		"one Deployment":         {"there may be a DaemonSet too", Args{Method: "auto"}, charts, []Workload{named}, 0, false},
		"one of both kinds":      {"enough", Args{Method: "auto"}, charts, []Workload{named}, 1, true},
		"a HelmChart without":    {"another Traefik runs, not its own", Args{Method: "auto", Name: "traefik", Namespace: "kube-system"}, charts, []Workload{other}, 1, false},
		"found at last by chart": {"nameOverride", Args{Method: "auto", Name: "ingress"}, charts, []Workload{named, other}, 2, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, found := settled(Spec{c.args}, c.charts, c.workloads, c.list)
			require.Equal(t, c.want, found, c.reason)
		})
	}
}
