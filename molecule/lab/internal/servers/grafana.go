// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import "github.com/picluster/tracing/molecule/lab/internal/process"

// monitoring is where Grafana is in the cluster, and what its sidecar looks for, as kube-prometheus-stack has it.
var monitoring = struct{ Namespace, Label, Value string }{"monitoring", "grafana_datasource", "1"}

func (l Lab) grafana() Server {
	url := "http://" + l.address("grafana")
	return Server{
		Spec: process.Spec{
			Name: "grafana",
			Args: []string{"grafana", "--listen", l.address("grafana"), "--dir", l.Folder.Data("grafana")},
			Env:  append(l.grafanaLogin(), l.insideCluster()...),
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/api/health"), program: programServices,
	}
}

// grafanaSidecar makes files of ConfigMaps, in the folder that Grafana reads.
func (l Lab) grafanaSidecar() Server {
	return Server{
		Spec: process.Spec{
			Name: "grafana-sidecar",
			Args: append([]string{"grafana-sidecar"}, flags(map[string]string{
				"kubeconfig": l.KubeconfigOf(admin), "namespace": monitoring.Namespace, "selector": monitoring.Label + "=" + monitoring.Value,
				"dir": l.Folder.Data("grafana"), "url": "http://" + l.address("grafana"),
			})...),
			Env: l.grafanaLogin(),
		},
		Stage: Workers, program: programServices,
		files: []string{l.KubeconfigOf(admin)},
	}
}

func (l Lab) grafanaLogin() []string {
	return []string{"GRAFANA_USER=" + GrafanaUser, "GRAFANA_PASSWORD=" + l.Passwords.Grafana}
}

// GrafanaObjects are the namespace and the Deployment that Grafana has in a real cluster.
func (l Lab) GrafanaObjects() ([]Object, error) {
	namespace, err := render("namespace.yaml", monitoring)
	if err != nil {
		return nil, err
	}
	deployment, err := render("grafana.yaml", struct{ Namespace, Label, Value, Node string }{
		monitoring.Namespace, monitoring.Label, monitoring.Value, l.simulated(),
	})
	return []Object{
		{Path: "/api/v1/namespaces/" + monitoring.Namespace, Manifest: namespace},
		{Path: "/apis/apps/v1/namespaces/" + monitoring.Namespace + "/deployments/kube-prometheus-stack-grafana", Manifest: deployment},
	}, err
}
