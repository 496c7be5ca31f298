// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

func helmChart(name, source, target string) kube.HelmChart {
	chart := kube.HelmChart{ObjectMeta: meta.ObjectMeta{Namespace: "kube-system", Name: name}}
	chart.Spec.Chart, chart.Spec.TargetNamespace = source, target
	return chart
}

func running(release string) Workload {
	return Workload{Kind: "Deployment", Namespace: "kube-system", Name: "traefik", Release: release, Chart: "traefik-39.0.7", Image: "traefik:v3.6.12"}
}

const k3sChart = "https://%{KUBERNETES_API}%/static/charts/traefik-39.0.701+up39.0.7.tgz"

func TestFind(t *testing.T) {
	cases := map[string]struct {
		reason    string
		charts    []kube.HelmChart
		workloads []Workload
		args      Args
		want      string
		fails     string
	}{
		"k3s": {"the bundled one, through its HelmChart", []kube.HelmChart{helmChart("traefik", k3sChart, "")},
			[]Workload{running("kube-system/traefik")}, Args{Method: "auto"}, "HelmChart kube-system/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"target namespace": {"the release lies elsewhere", []kube.HelmChart{helmChart("traefik", k3sChart, "edge")},
			[]Workload{running("edge/traefik")}, Args{Method: "auto"}, "HelmChart kube-system/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"other charts": {"k3s has more HelmCharts than Traefik's", []kube.HelmChart{helmChart("traefik-crd", "https://x/traefik-crd-39.0.701.tgz", "")},
			[]Workload{running("traefik/traefik")}, Args{Method: "auto"}, "Helm release traefik/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"one of two": {"namespace says which", nil, []Workload{running("a/traefik"), running("b/traefik")}, Args{Method: "auto", Namespace: "b"},
			"Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"by method": {"of two the one that is asked for", []kube.HelmChart{helmChart("traefik", k3sChart, "")},
			[]Workload{running("kube-system/traefik"), running("b/traefik")}, Args{Method: "helm"}, "Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"two": {"all are listed", nil, []Workload{running("a/traefik"), running("b/traefik")}, Args{Method: "auto"}, "",
			"find Traefik: there are 2: Helm release a/traefik (traefik-39.0.7, traefik:v3.6.12), Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)"},
		"none": {"with what was looked for", nil, nil, Args{Method: "auto"}, "",
			"find Traefik: there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart"},
		"another name": {"what is there is named", nil, []Workload{running("a/traefik")}, Args{Method: "auto", Name: "edge"}, "",
			"find Traefik with name edge: seen were Helm release a/traefik (traefik-39.0.7, traefik:v3.6.12)"},
		"by hand": {"no release to change", nil, []Workload{running("")}, Args{Method: "auto"}, "",
			"find Traefik: deployment/kube-system/traefik was not installed by Helm"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			one, err := choose(Spec{c.args}, c.charts, c.workloads)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, one.String(), c.reason)
		})
	}
}

func TestDaemonSetIsRolledOut(t *testing.T) {
	cases := map[string]struct {
		reason string
		status apps.DaemonSetStatus
		want   bool
	}{
		"everywhere":   {"each node has the new pod", apps.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3}, true},
		"one is old":   {"two of three", apps.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 2, NumberAvailable: 3}, false},
		"one is down":  {"updated, not available", apps.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 2}, false},
		"not seen yet": {"the numbers are those of before", apps.DaemonSetStatus{ObservedGeneration: 1, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			set := apps.DaemonSet{ObjectMeta: meta.ObjectMeta{Name: "traefik", Namespace: "edge", Generation: 2, Annotations: map[string]string{
				"meta.helm.sh/release-name": "traefik", "meta.helm.sh/release-namespace": "edge"}}, Status: c.status}
			set.Spec.Template.Spec.Containers = []core.Container{{Name: "log"}, {Name: "traefik", Args: []string{"--ping=true"}}}
			w := fromDaemonSet(set)
			require.Equal(t, c.want, w.RolledOut, c.reason)
			require.Equal(t, "daemonset/edge/traefik", w.String())
			require.Equal(t, "edge/traefik", w.Release)
			require.Equal(t, []string{"--ping=true"}, w.Args, "its own container among the sidecars")
		})
	}
}

// A Traefik whose pods somebody replaces by hand is not waited for without end.
func TestADaemonSetThatReplacesNoPodsIsRolledOut(t *testing.T) {
	set := apps.DaemonSet{Spec: apps.DaemonSetSpec{UpdateStrategy: apps.DaemonSetUpdateStrategy{Type: apps.OnDeleteDaemonSetStrategyType}},
		Status: apps.DaemonSetStatus{DesiredNumberScheduled: 3, UpdatedNumberScheduled: 1, NumberAvailable: 3}}
	require.True(t, fromDaemonSet(set).RolledOut)
	set.Status.NumberAvailable = 2
	require.False(t, fromDaemonSet(set).RolledOut, "one does not work")
}

func tempoService(release, name string, ports map[string]int32) core.Service {
	service := core.Service{ObjectMeta: meta.ObjectMeta{Namespace: "tracing", Name: name, Labels: map[string]string{
		"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": release, "app.kubernetes.io/component": "distributor", "app.kubernetes.io/version": "2.9.0"}}}
	for port, number := range ports {
		service.Spec.Ports = append(service.Spec.Ports, core.ServicePort{Name: port, Port: number, Protocol: core.ProtocolTCP})
	}
	return service
}

func TestTempoInTheCluster(t *testing.T) {
	cases := map[string]struct {
		reason   string
		services []core.Service
		want     tempoRelease
		fails    string
	}{
		"today's names": {"of the microservices chart", []core.Service{tempoService("tempo", "tempo-distributor", map[string]int32{"grpc-otlp": 4317, "otlp-http": 4318, "distributor-zipkin": 9411})},
			tempoRelease{namespace: "tracing", name: "tempo", version: "2.9.0", receivers: map[string]string{
				"otlp_grpc": "tempo-distributor.tracing.svc.cluster.local:4317", "otlp_http": "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces",
				"zipkin": "http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans"}}, ""},
		"one Service": {"of the monolithic chart, whose ports prove nothing", []core.Service{monolithicService("tempo")},
			tempoRelease{namespace: "tracing", name: "tempo", version: "2.10.8", single: true, receivers: map[string]string{
				"zipkin": "http://tempo.tracing.svc.cluster.local:9411/api/v2/spans"}}, ""},
		"nothing": {"the task may give an endpoint", nil, tempoRelease{}, ""},
		"two": {"both are named", []core.Service{tempoService("a", "a-distributor", map[string]int32{"grpc-otlp": 4317}), tempoService("b", "b-distributor", map[string]int32{"grpc-otlp": 4317})},
			tempoRelease{}, "find Tempo: there are 2: tracing/a, tracing/b"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found, err := tempoOf(c.services)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				require.Equal(t, fault.Conflict, fault.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, found, c.reason)
		})
	}
}

func monolithicService(release string) core.Service {
	service := tempoService(release, release, map[string]int32{"tempo-zipkin": 9411})
	service.Labels = map[string]string{"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": release, "app.kubernetes.io/version": "2.10.8"}
	return service
}
