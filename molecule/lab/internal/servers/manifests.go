// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"text/template"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
)

//go:embed manifests
var manifests embed.FS

// TraefikChart is the chart version in k3s 1.35.4 to 1.36.1; LAB_TRAEFIK_CHART overrides it. PodTraefikChart
// is for pods that really run: there is no Traefik before 3.7 to make an image of.
const (
	TraefikChart    = "39.0.701+up39.0.7"
	PodTraefikChart = "41.4.2+up41.4.0"
)

// Object is an object that a lab's cluster has from the start.
type Object struct {
	// Path of the object in the API.
	Path     string
	Manifest []byte
}

// nodeManifest is what differs between the simulated nodes.
type nodeManifest struct {
	Name, Address      string
	ControlPlane, Real bool
	// Taint keeps out all pods except those that need a simulated node.
	Taint string
}

// Nodes are the names of the nodes: three simulated ones, or a real one with a simulated one for pods without an image.
func (l Lab) Nodes() []string {
	if l.Pods {
		return []string{realNode, simulatedNode}
	}
	return []string{"pi1", "pi2", "pi3"}
}

// Basics are the objects that need only the API server.
func (l Lab) Basics() ([]Object, error) {
	storage, err := render("storageclass.yaml", nil)
	if err != nil {
		return nil, err
	}
	objects := []Object{{Path: "/apis/storage.k8s.io/v1/storageclasses/local-path", Manifest: storage}}
	for i, name := range l.Nodes() {
		about := nodeManifest{Name: name, Address: fmt.Sprintf("10.0.0.%d", 11+i), ControlPlane: i == 0, Real: l.Pods && name == realNode}
		if l.Pods && !about.Real {
			about.Taint = simulatedTaint
		}
		manifest, err := render("node.yaml", about)
		if err != nil {
			return nil, err
		}
		objects = append(objects, Object{Path: "/api/v1/nodes/" + name, Manifest: manifest})
	}
	return objects, nil
}

// HelmChart is an object of that kind, with the address of its chart.
type HelmChart struct {
	Object
	ChartURL string
	// ImageTag is the tag of the lab's image, where the chart names another.
	ImageTag string
}

// Traefik is the HelmChart of k3s, with that version of the chart.
func (l Lab) Traefik(version string) (HelmChart, error) {
	chart := HelmChart{ChartURL: l.traefikURL(version)}
	if l.Pods && !l.pulled(programTraefik) {
		chart.ImageTag = traefikVersion
	}
	chart.Path = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts/traefik"
	var err error
	chart.Manifest, err = render("traefik.yaml", chart)
	return chart, err
}

func render(name string, values any) ([]byte, error) {
	parsed, err := template.ParseFS(manifests, "manifests/"+name)
	if err != nil {
		return nil, fmt.Errorf("read the lab's manifest %s: %w", name, err)
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, values); err != nil {
		return nil, fmt.Errorf("fill in the lab's manifest %s: %w", name, err)
	}
	return text.Bytes(), nil
}

// WriteFiles writes the files that servers read at startup: the kubeconfigs and the behaviour of the nodes.
func (l Lab) WriteFiles() error {
	for _, user := range KubeUsers() {
		text, err := kube.Kubeconfig(l.loginOf(user), user)
		if err != nil {
			return err
		}
		if err := folder.WriteFile(l.KubeconfigOf(user), text, 0o600); err != nil {
			return err
		}
	}
	stages, err := manifests.ReadFile("manifests/stages.yaml")
	if err != nil {
		return fmt.Errorf("read the behaviour of the nodes: %w", err)
	}
	if err := folder.WriteFile(l.stages(), stages, 0o600); err != nil {
		return err
	}
	if err := l.linkProvisioning(); err != nil {
		return err
	}
	if err := l.writeRegistry(); err != nil {
		return err
	}
	if err := l.writeNodeFiles(); err != nil {
		return err
	}
	public, err := os.ReadFile(l.KubeconfigOf(admin))
	if err != nil {
		return fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	return folder.WriteFile(l.Folder.Kubeconfig(), public, 0o600)
}
