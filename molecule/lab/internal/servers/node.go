// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/images"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
	"github.com/picluster/tracing/molecule/lab/internal/node"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/ports"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// The nodes of a lab whose pods really run. The real one has its address in its own network.
const (
	realNode       = "pi1"
	realAddress    = "10.0.0.11"
	simulatedNode  = "pi2"
	simulatedTaint = "picluster.lab/simulated"
	clusterDNS     = "10.43.0.10"
)

// traefikVersion is the version that servers/traefik/fetch downloads.
const traefikVersion = "3.7.15"

// lokiVersion is the version of Loki that the lab's stands in for.
const lokiVersion = "3.7.8"

// Images of what runs in pods, with their names in the charts.
const (
	pauseImage     = "docker.io/rancher/mirrored-pause:3.6"
	coreDNSImage   = "docker.io/rancher/mirrored-coredns-coredns:1.15.0"
	shopImage      = "docker.io/picluster/shop:1.0.0"
	lokiImage      = "docker.io/grafana/loki:" + lokiVersion
	shipperImage   = "docker.io/picluster/shipper:1.0.0"
	memcachedImage = "docker.io/library/memcached:1.5.17-alpine"
	traefikImage   = "docker.io/rancher/mirrored-library-traefik:" + traefikVersion
)

// laterMemcacheds are the versions that the other test charts name.
var laterMemcacheds = []string{"1.6.33", "1.6.39", "1.6.41", "1.6.43", "1.6.45"}

// partImage is an image and the part in it, "" for what only the lab has.
type partImage struct {
	images.Image
	part parts.Name
}

// Images lists the images that the real node has from the start, by the name of their archive.
func (l Lab) Images() (map[string]images.Image, error) {
	all, err := l.images()
	own := map[string]images.Image{}
	for name, one := range all {
		if !l.Parts.Real(one.part) {
			own[name] = one.Image
		}
	}
	return own, err
}

func (l Lab) images() (map[string]partImage, error) {
	image := func(name, program string, entrypoint ...string) partImage {
		return partImage{images.Image{Name: name, Program: l.path(program), Content: l.Programs[program], Entrypoint: entrypoint}, owns[program]}
	}
	traefik := image(traefikImage, programTraefik, "/traefik")
	traefik.Content = cmp.Or(traefik.Content, traefikVersion)
	memcached := image(memcachedImage, programNode, "/labnode", "memcached")
	memcached.part = parts.Memcached
	if own := l.Parts.Own(parts.Memcached); len(own) > 0 {
		memcached.Image = images.Image{Name: memcachedImage, Program: own[0].Path, Content: l.Programs[own[0].Path], Entrypoint: []string{"/memcached"}}
	}
	memcached.Others = map[string][]string{}
	for _, version := range laterMemcacheds {
		memcached.Others["docker.io/library/memcached:"+version+"-alpine"] = memcached.Entrypoint
	}
	all := map[string]partImage{
		"pause":     image(pauseImage, programNode, "/labnode", "pause"),
		"coredns":   image(coreDNSImage, programCoreDNS, "/coredns"),
		"shop":      image(shopImage, programNode, "/labnode", "shop"),
		"memcached": memcached,
		"traefik":   traefik,
		"loki":      image(lokiImage, programLoki, "/loki"),
		"shipper":   image(shipperImage, programNode, "/labnode", "shipper"),
	}
	tempo, _, err := l.tempoImages()
	maps.Copy(all, tempo)
	return all, err
}

// Archive is where an image is stored. Images are build results, so they are kept when data are removed.
func (l Lab) Archive(name string) string { return l.Folder.Bin("image-" + name + ".tar") }

func (l Lab) node() Server {
	url := "http://" + l.address("node")
	return Server{
		Spec: process.Spec{
			Name: "node",
			Args: []string{"node", "--config", l.nodeFile()},
		},
		Stage: Workers, URL: url, Probe: l.answers(url + "/ready"), program: programNode,
		files: []string{l.nodeFile(), l.KubeconfigOf(kubelet), l.KubeconfigOf(kubeProxy)},
	}
}

func (l Lab) nodeFile() string { return l.Folder.Data("node", "node.json") }

func (l Lab) egress() string { return l.Folder.Data("kube-apiserver", "egress.yaml") }

// simulated is the node for pods without an image, where there is a choice.
func (l Lab) simulated() string {
	if l.Pods {
		return simulatedNode
	}
	return ""
}

// TraefikChart is the version of the chart that Traefik is installed from.
func (l Lab) TraefikChart() string {
	if l.Pods {
		return PodTraefikChart
	}
	return TraefikChart
}

// PodEnv are the addresses that only a real node has: of the store as its pods reach it, and of Traefik's entry point.
func (l Lab) PodEnv() []string {
	if !l.Pods {
		return nil
	}
	_, chart, _ := l.tempoImages() // the images exist, so it has reported an error before if there is one
	return []string{
		"LAB_TEMPO_CHART=" + chart,
		fmt.Sprintf("LAB_POD_MINIO_ENDPOINT=%s:%d", realAddress, l.Ports["minio"]),
		"LAB_INGRESS_URL=http://" + l.address("node-ingress"),
		"LAB_INGRESS_HOST=" + ShopHost,
	}
}

// insideCluster routes a server's requests through the real node, where the cluster's names can be resolved.
func (l Lab) insideCluster() []string {
	if l.Pods {
		return []string{"HTTP_PROXY=http://" + l.address("node")}
	}
	return nil
}

// reachPods are the API server's options for a real node: how it reaches the node, how pods reach it, and the policy by which the
// pods of Helm's Jobs are scheduled on the simulated node.
func (l Lab) reachPods() map[string]string {
	return map[string]string{
		"advertise-address":               realAddress,
		"endpoint-reconciler-type":        "lease",
		"egress-selector-config-file":     l.egress(),
		"kubelet-client-certificate":      l.Certificates.Certificate(admin),
		"kubelet-client-key":              l.Certificates.Key(admin),
		"kubelet-preferred-address-types": "InternalIP",
		"feature-gates":                   "MutatingAdmissionPolicy=true",
		"runtime-config":                  "admissionregistration.k8s.io/v1beta1=true",
	}
}

// loginOf is the login of a user of the API server; those on the real node reach it at another address.
func (l Lab) loginOf(user string) kube.Login {
	login := l.Login(user)
	if user == kubelet || user == kubeProxy {
		login.URL = fmt.Sprintf("https://%s:%d", realAddress, l.Ports["kube-apiserver"])
	}
	return login
}

// writeNodeFiles writes the proxy settings for the real node, and its configuration.
func (l Lab) writeNodeFiles() error {
	if !l.Pods {
		return nil
	}
	egress, err := render("egress.yaml", node.Door(l.Folder.Data("node")))
	if err != nil {
		return err
	}
	if err := folder.WriteFile(l.egress(), egress, 0o600); err != nil {
		return err
	}
	config, err := l.nodeConfig()
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return fmt.Errorf("write what the node is: %w", err)
	}
	return folder.WriteFile(l.nodeFile(), append(raw, '\n'), 0o600)
}

func (l Lab) nodeConfig() (node.Config, error) {
	images, err := l.Images()
	config := node.Config{
		Name: realNode, Address: realAddress, Dir: l.Folder.Data("node"), Log: strings.TrimSuffix(l.Folder.Log("node"), ".log"),
		Program: l.Folder.Bin(programKubernetes), Kubelet: l.KubeconfigOf(kubelet), Proxy: l.KubeconfigOf(kubeProxy),
		Authority: l.Certificates.Certificate("ca"), Pause: pauseImage, Pods: podNetwork, Services: serviceNetwork, DNS: clusterDNS,
		Gate:    l.address("node"),
		Outward: map[string]string{},
		Inward:  map[string]string{ports.Address(l.Ports["node-ingress"]): "80"},
	}
	for _, name := range []string{"kube-apiserver", "minio"} {
		config.Outward[port(l.Ports[name])] = l.address(name)
	}
	for _, name := range slices.Sorted(maps.Keys(images)) {
		config.Archives = append(config.Archives, l.Archive(name))
	}
	if l.Source != parts.OwnImages {
		config.Uplink, config.Names = uplinkPort, map[string]string{}
	}
	if l.loopback() {
		config.Mirror = "http://" + registryHost
		config.Names[registryHost+":80"] = l.address("registry")
	}
	return config, err
}

// Needed are the machine's programs that a real node uses, each with its Debian package.
var Needed = map[string]string{
	"containerd": "containerd", "ctr": "containerd", "runc": "runc", "iptables": "iptables", "ip": "iproute2", "/usr/lib/cni/ptp": "containernetworking-plugins",
}

// PodsPossible says why a real node cannot run here, if so.
func PodsPossible(find func(string) (string, error)) error {
	var missing []string
	for _, program := range slices.Sorted(maps.Keys(Needed)) {
		if _, err := find(program); err != nil {
			missing = append(missing, Needed[program])
		}
	}
	switch {
	case runtime.GOOS != "linux":
		return errors.New("pods cannot run here: a real node needs Linux")
	case os.Geteuid() != 0:
		return errors.New("pods cannot run here: a real node needs root")
	case len(missing) > 0:
		return fmt.Errorf("pods cannot run here: missing Debian packages: %s", strings.Join(slices.Compact(missing), " "))
	}
	return nil
}
