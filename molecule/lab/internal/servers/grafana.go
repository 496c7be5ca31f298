// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// monitoring is Grafana's namespace, and the label that its sidecar selects, as kube-prometheus-stack has them.
var monitoring = struct{ Namespace, Label, Value string }{"monitoring", "grafana_datasource", "1"}

func (l Lab) grafana() Server {
	url := "http://" + l.address("grafana")
	if own := l.Parts.Own(parts.Grafana); len(own) > 0 {
		return l.ownGrafana(own[0])
	}
	return Server{
		Spec: process.Spec{
			Name: "grafana",
			Args: []string{"grafana", "--listen", l.address("grafana"), "--dir", l.Folder.Data("grafana")},
			Env:  append(l.grafanaLogin(), l.insideCluster()...),
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/api/health"), program: programServices,
	}
}

// ownGrafana is Grafana itself, from the home folder that a person brings; whatever would connect to the internet is disabled
// (grafana/grafana, docs/sources/setup-grafana/configure-grafana/_index.md).
func (l Lab) ownGrafana(home parts.Program) Server {
	url, data := "http://"+l.address("grafana"), l.Folder.Data("grafana")
	settings := []string{
		"GF_SERVER_HTTP_ADDR=127.0.0.1", "GF_SERVER_HTTP_PORT=" + port(l.Ports["grafana"]), "GF_SERVER_ROOT_URL=" + url,
		"GF_SECURITY_ADMIN_USER=" + GrafanaUser, "GF_SECURITY_ADMIN_PASSWORD=" + l.Passwords.Grafana,
		"GF_PATHS_DATA=" + filepath.Join(data, "own"), "GF_PATHS_LOGS=" + filepath.Join(data, "own", "log"), "GF_PATHS_PLUGINS=" + filepath.Join(data, "own", "plugins"),
		"GF_PATHS_PROVISIONING=" + filepath.Join(data, "own", "provisioning"), "GF_LOG_MODE=console",
		"GF_ANALYTICS_REPORTING_ENABLED=false", "GF_ANALYTICS_CHECK_FOR_UPDATES=false", "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false",
		"GF_PLUGINS_PREINSTALL_DISABLED=true", "GF_NEWS_NEWS_FEED_ENABLED=false", "GF_SECURITY_DISABLE_GRAVATAR=true",
	}
	return Server{
		Spec: process.Spec{
			Name: "grafana", Program: filepath.Join(home.Path, "bin", "grafana"),
			Args: []string{"server", "--homepath", home.Path},
			Env:  append(settings, l.insideCluster()...),
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/api/health"), program: home.Path,
	}
}

// linkProvisioning lets a person's own Grafana read the sidecar's files, below the folder where Grafana looks for data sources.
func (l Lab) linkProvisioning() error {
	if len(l.Parts.Own(parts.Grafana)) == 0 {
		return nil
	}
	data := l.Folder.Data("grafana")
	for _, folder := range []string{filepath.Join(data, "provisioning"), filepath.Join(data, "own", "provisioning")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make Grafana's folders: %w", err)
		}
	}
	err := os.Symlink(filepath.Join(data, "provisioning"), filepath.Join(data, "own", "provisioning", "datasources"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("link Grafana's folders: %w", err)
	}
	return nil
}

// grafanaSidecar writes ConfigMaps as files into the folder that Grafana reads.
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
