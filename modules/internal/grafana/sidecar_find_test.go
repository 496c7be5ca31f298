// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
)

// grafanaAs is a Deployment of Grafana's chart with these labels and containers.
func grafanaAs(name string, labels map[string]string, containers ...core.Container) *apps.Deployment {
	return &apps.Deployment{ObjectMeta: meta.ObjectMeta{Name: name, Namespace: "monitoring", Labels: labels},
		Spec: apps.DeploymentSpec{Template: core.PodTemplateSpec{Spec: core.PodSpec{Containers: containers}}}}
}

func TestGrafanaUnderAnyName(t *testing.T) {
	reads := container("sc", "LABEL", "grafana_datasource", "FOLDER", "/etc/grafana/provisioning/datasources")
	own := Sidecar{"monitoring", "grafana_datasource", "", ""}
	labels := func(name, chart string) map[string]string {
		return map[string]string{"app.kubernetes.io/name": name, "helm.sh/chart": chart}
	}
	stateful := grafanaAs("boards", labels("boards", "grafana-10.1.0"), reads)
	cases := map[string]struct {
		reason  string
		objects []runtime.Object
		want    []Sidecar
		pods    int
	}{
		"plain":            {"as the chart names it", []runtime.Object{grafanaAs("grafana", labels("grafana", "grafana-10.1.0"), reads)}, []Sidecar{own}, 1},
		"fullnameOverride": {"the label stays", []runtime.Object{grafanaAs("boards", labels("grafana", "grafana-10.1.0"), reads)}, []Sidecar{own}, 1},
		"nameOverride":     {"the label of the chart stays", []runtime.Object{grafanaAs("boards", labels("boards", "grafana-10.1.0"), reads)}, []Sidecar{own}, 1},
		"with volumes": {"useStatefulSet", []runtime.Object{&apps.StatefulSet{ObjectMeta: stateful.ObjectMeta, Spec: apps.StatefulSetSpec{Template: stateful.Spec.Template}}},
			[]Sidecar{own}, 1},
		"beside another":   {"the Grafana with the usual name takes no files", []runtime.Object{grafanaAs("grafana", labels("grafana", "other-1.0.0")), grafanaAs("boards", labels("boards", "grafana-10.1.0"), reads)}, []Sidecar{own}, 2},
		"similar programs": {"Grafana Agent reads no data sources", []runtime.Object{grafanaAs("agent", labels("grafana-agent", "grafana-agent-0.44.0"), reads)}, nil, 0},
		"none":             {"nothing runs", nil, nil, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found, pods, err := sidecars(t.Context(), fake.NewClientset(c.objects...).AppsV1(), "")
			require.NoError(t, err)
			require.Equal(t, c.want, found, c.reason)
			require.Equal(t, c.pods, pods, c.reason)
		})
	}
}
