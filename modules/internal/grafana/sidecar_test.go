// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

func container(name string, env ...string) core.Container {
	made := core.Container{Name: name}
	for i := 0; i < len(env); i += 2 {
		made.Env = append(made.Env, core.EnvVar{Name: env[i], Value: env[i+1]})
	}
	return made
}

func TestSidecarOfAPod(t *testing.T) {
	const folder = "/etc/grafana/provisioning/datasources"
	dashboards := container("grafana-sc-dashboard", "LABEL", "grafana_dashboard", "FOLDER", "/tmp/dashboards")
	tests := map[string]struct {
		reason string
		pod    core.PodSpec
		want   []Sidecar
	}{
		"kube-prometheus-stack": {"label with a value, its own namespace", core.PodSpec{Containers: []core.Container{dashboards,
			container("grafana-sc-datasources", "LABEL", "grafana_datasource", "LABEL_VALUE", "1", "FOLDER", folder, "RESOURCE", "both")}},
			[]Sidecar{{"monitoring", "grafana_datasource", "1", "both"}}},
		"grafana chart":              {"any value", core.PodSpec{Containers: []core.Container{container("x", "LABEL", "grafana_datasource", "FOLDER", folder+"/")}}, []Sidecar{{"monitoring", "grafana_datasource", "", ""}}},
		"all namespaces":             {"its own namespace is among them", core.PodSpec{Containers: []core.Container{container("x", "LABEL", "l", "FOLDER", folder, "NAMESPACE", "ALL")}}, []Sidecar{{"monitoring", "l", "", ""}}},
		"other namespaces":           {"the first that it searches", core.PodSpec{Containers: []core.Container{container("x", "LABEL", "l", "FOLDER", folder, "NAMESPACE", "a, b")}}, []Sidecar{{"a", "l", "", ""}}},
		"restartable init container": {"newer charts", core.PodSpec{InitContainers: []core.Container{container("x", "METHOD", "WATCH", "LABEL", "l", "FOLDER", folder)}}, []Sidecar{{"monitoring", "l", "", ""}}},
		"plain init container":       {"it looks only once, at the start", core.PodSpec{InitContainers: []core.Container{container("x", "METHOD", "LIST", "LABEL", "l", "FOLDER", folder)}}, nil},
		"dashboards only":            {"another folder", core.PodSpec{Containers: []core.Container{dashboards}}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, within("monitoring", tc.pod), tc.reason) })
	}
	require.Equal(t, "grafana_datasource=1", Sidecar{Label: "grafana_datasource", Value: "1"}.Selector())
	require.Equal(t, "grafana_datasource", Sidecar{Label: "grafana_datasource"}.Selector())
	require.False(t, Sidecar{Kinds: "configmap"}.Takes(Secret))
	require.True(t, Sidecar{Kinds: "both"}.Takes(Secret))
}
