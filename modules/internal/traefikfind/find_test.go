// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

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
		wanted    Wanted
		want      string
		fails     string
	}{
		"k3s": {"the bundled one, through its HelmChart", []kube.HelmChart{helmChart("traefik", k3sChart, "")},
			[]Workload{running("kube-system/traefik")}, Wanted{Method: Auto}, "HelmChart kube-system/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"target namespace": {"the release is elsewhere", []kube.HelmChart{helmChart("traefik", k3sChart, "edge")},
			[]Workload{running("edge/traefik")}, Wanted{Method: Auto}, "HelmChart kube-system/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"other charts": {"k3s has more HelmCharts than Traefik's", []kube.HelmChart{helmChart("traefik-crd", "https://x/traefik-crd-39.0.701.tgz", "")},
			[]Workload{running("traefik/traefik")}, Wanted{Method: Auto}, "Helm release traefik/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"one of two": {"the namespace selects one", nil, []Workload{running("a/traefik"), running("b/traefik")}, Wanted{Method: Auto, Namespace: "b"},
			"Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"by method": {"the requested one of two", []kube.HelmChart{helmChart("traefik", k3sChart, "")},
			[]Workload{running("kube-system/traefik"), running("b/traefik")}, Wanted{Method: Helm}, "Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)", ""},
		"two": {"all are listed", nil, []Workload{running("a/traefik"), running("b/traefik")}, Wanted{Method: Auto}, "",
			"find Traefik: there are 2: Helm release a/traefik (traefik-39.0.7, traefik:v3.6.12), Helm release b/traefik (traefik-39.0.7, traefik:v3.6.12)"},
		"none": {"with what was searched for", nil, nil, Wanted{Method: Auto}, "",
			"find Traefik: there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart"},
		"another name": {"the error lists what exists", nil, []Workload{running("a/traefik")}, Wanted{Method: Auto, Name: "edge"}, "",
			"find Traefik with name edge: seen were Helm release a/traefik (traefik-39.0.7, traefik:v3.6.12)"},
		"installed without Helm": {"there is no release to change", nil, []Workload{running("")}, Wanted{Method: Auto}, "",
			"find Traefik: deployment/kube-system/traefik was not installed by Helm"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			one, err := choose(c.wanted, c.charts, c.workloads)
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
		"one is down":  {"updated, but not available", apps.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 2}, false},
		"not seen yet": {"the numbers are outdated", apps.DaemonSetStatus{ObservedGeneration: 1, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			set := apps.DaemonSet{ObjectMeta: meta.ObjectMeta{Name: "traefik", Namespace: "edge", Generation: 2, Annotations: map[string]string{
				"meta.helm.sh/release-name": "traefik", "meta.helm.sh/release-namespace": "edge"}}, Status: c.status}
			set.Spec.Template.Spec.Containers = []core.Container{{Name: "log"}, {Name: "traefik", Args: []string{"--ping=true"}}}
			w := FromDaemonSet(set)
			require.Equal(t, c.want, w.RolledOut, c.reason)
			require.Equal(t, "daemonset/edge/traefik", w.String())
			require.Equal(t, "edge/traefik", w.Release)
			require.Equal(t, []string{"--ping=true"}, w.Args, "its own container, not a sidecar")
		})
	}
}

// A Traefik whose pods somebody replaces by hand is not waited for without end.
func TestOnDeleteDaemonSetIsRolledOut(t *testing.T) {
	set := apps.DaemonSet{Spec: apps.DaemonSetSpec{UpdateStrategy: apps.DaemonSetUpdateStrategy{Type: apps.OnDeleteDaemonSetStrategyType}},
		Status: apps.DaemonSetStatus{DesiredNumberScheduled: 3, UpdatedNumberScheduled: 1, NumberAvailable: 3}}
	require.True(t, FromDaemonSet(set).RolledOut)
	set.Status.NumberAvailable = 2
	require.False(t, FromDaemonSet(set).RolledOut, "one pod is not ready")
}

// What Argo CD has rendered is no release, and is not changed here.
func TestWorkloadWithoutReleaseNamesItsOwner(t *testing.T) {
	loose := running("")
	loose.Owner = kube.Owner{Name: "Argo CD's Application edge", Place: "the Git repository of that Application"}
	_, err := choose(Wanted{Method: Auto}, nil, []Workload{loose})
	require.EqualError(t, err, "find Traefik: deployment/kube-system/traefik was not installed by Helm and belongs to Argo CD's Application edge: put Traefik's settings into the Git repository of that Application")
}

// The task's Traefik is looked for until it is found, and no further.
func TestSearchRequests(t *testing.T) {
	named, other := running("kube-system/traefik"), running("edge/ingress")
	named.named, other.Chart, other.Name = true, "traefik-39.0.7", "ingress"
	foreign := Workload{Kind: "Deployment", Namespace: "x", Name: "podinfo", Release: "x/podinfo", Chart: "podinfo-6.0.0"}
	crds := Workload{Kind: "Deployment", Namespace: "x", Name: "crds", Release: "x/crds", Chart: "traefik-crds-1.0.0"}
	charts := []kube.HelmChart{helmChart("traefik", k3sChart, "")}

	all := joined(joined(nil, []Workload{named, foreign, crds}, charts), []Workload{named, other}, charts)
	require.Equal(t, []Workload{named, other}, all, "by the chart's label, each kind once")

	cases := map[string]struct {
		reason    string
		wanted    Wanted
		charts    []kube.HelmChart
		workloads []Workload
		list      int
		want      bool
	}{
		"named by the task":               {"nothing else is read", Wanted{Method: Auto, Name: "traefik", Namespace: "kube-system"}, charts, []Workload{named}, 0, true},
		"one Deployment":                  {"there may be a DaemonSet too", Wanted{Method: Auto}, charts, []Workload{named}, 0, false},
		"one of both kinds":               {"that is enough", Wanted{Method: Auto}, charts, []Workload{named}, 1, true},
		"a HelmChart without":             {"another Traefik is running", Wanted{Method: Auto, Name: "traefik", Namespace: "kube-system"}, charts, []Workload{other}, 1, false},
		"found by chart as a last resort": {"nameOverride", Wanted{Method: Auto, Name: "ingress"}, charts, []Workload{named, other}, 2, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, found := settled(c.wanted, c.charts, c.workloads, c.list)
			require.Equal(t, c.want, found, c.reason)
		})
	}
}
