// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"maps"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// Networks of k3s: pods and Services get addresses from them, although simulated nodes carry no traffic.
const (
	podNetwork     = "10.42.0.0/16"
	serviceNetwork = "10.43.0.0/16"
)

// Holders of certificates. The names of Kubernetes' own components are those that its roles are bound to.
const (
	server            = "server"
	admin             = "admin"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kubelet           = "kubelet"
	kubeProxy         = "kube-proxy"
	serviceAccounts   = "service-accounts"
)

// Holders lists the certificates that a lab needs.
func Holders() []certificates.Holder {
	return []certificates.Holder{
		{File: server, Name: "picluster lab server", Hosts: []string{"127.0.0.1", "localhost", "kubernetes.default.svc", "10.43.0.1", realAddress}},
		{File: admin, Name: "lab-admin", Groups: []string{"system:masters"}},
		{File: controllerManager, Name: "system:kube-controller-manager"},
		{File: scheduler, Name: "system:kube-scheduler"},
		{File: kubelet, Name: "system:node:" + realNode, Groups: []string{"system:nodes"}},
		{File: kubeProxy, Name: "system:kube-proxy"},
		{File: serviceAccounts, Name: "service accounts"},
	}
}

// KubeUsers are the holders who get a kubeconfig.
func KubeUsers() []string {
	return []string{admin, controllerManager, scheduler, kubelet, kubeProxy}
}

// haste are a client's rate limits, in requests per second, that no test reaches: several run at once, each as if in a
// cluster of its own, and the default of 20 (kubernetes, pkg/controller/apis/config/v1alpha1) would only make them wait.
const (
	hasteQPS   = "1000"
	hasteBurst = "2000"
)

// KubeconfigOf is the path of a holder's kubeconfig.
func (l Lab) KubeconfigOf(holder string) string { return l.Folder.Data("kubeconfig", holder) }

func (l Lab) apiServer() Server {
	url := "https://" + l.address("kube-apiserver")
	cert, key, authority := l.Certificates.Certificate, l.Certificates.Key, l.Certificates.Certificate("ca")
	options := map[string]string{
		"bind-address":                     "127.0.0.1",
		"advertise-address":                "127.0.0.1",
		"secure-port":                      port(l.Ports["kube-apiserver"]),
		"tls-cert-file":                    cert(server),
		"tls-private-key-file":             key(server),
		"client-ca-file":                   authority,
		"etcd-servers":                     "https://" + l.address("etcd"),
		"etcd-cafile":                      authority,
		"etcd-certfile":                    cert(admin),
		"etcd-keyfile":                     key(admin),
		"authorization-mode":               "Node,RBAC",
		"anonymous-auth":                   "false",
		"allow-privileged":                 "true",
		"service-cluster-ip-range":         serviceNetwork,
		"service-account-issuer":           "https://kubernetes.default.svc.cluster.local",
		"service-account-key-file":         key(serviceAccounts),
		"service-account-signing-key-file": key(serviceAccounts),
		"endpoint-reconciler-type":         "none", // nobody can reach 127.0.0.1 through a Service
	}
	files := []string{cert(server), authority, cert(admin), key(serviceAccounts)}
	if l.Pods {
		maps.Copy(options, l.reachPods())
		files = append(files, l.egress())
	}
	return Server{
		Spec: process.Spec{
			Name: "kube-apiserver",
			Args: append([]string{"kube-apiserver"}, flags(options)...),
		},
		Stage: API, URL: url, Probe: l.answers(url + "/readyz"), program: programKubernetes,
		files: files,
	}
}

func (l Lab) controllerManager() Server {
	url := "https://" + l.address(controllerManager)
	return Server{
		Spec: process.Spec{
			Name: controllerManager,
			Args: append([]string{controllerManager}, flags(map[string]string{
				"bind-address":                     "127.0.0.1",
				"secure-port":                      port(l.Ports[controllerManager]),
				"tls-cert-file":                    l.Certificates.Certificate(server),
				"tls-private-key-file":             l.Certificates.Key(server),
				"kubeconfig":                       l.KubeconfigOf(controllerManager),
				"authentication-kubeconfig":        l.KubeconfigOf(controllerManager),
				"authorization-kubeconfig":         l.KubeconfigOf(controllerManager),
				"root-ca-file":                     l.Certificates.Certificate("ca"),
				"service-account-private-key-file": l.Certificates.Key(serviceAccounts),
				"use-service-account-credentials":  "true",
				"allocate-node-cidrs":              "true",
				"cluster-cidr":                     podNetwork,
				"kube-api-qps":                     hasteQPS,
				"kube-api-burst":                   hasteBurst,
				"node-monitor-grace-period":        "5m",    // a busy machine, or a start of kwok, is not a broken node
				"leader-elect":                     "false", // there is only one, and a lease would delay the next start
			})...),
		},
		Stage: Workers, URL: url, Probe: l.answers(url + "/healthz"), program: programKubernetes,
		files: []string{l.KubeconfigOf(controllerManager), l.Certificates.Certificate(server), l.Certificates.Key(serviceAccounts)},
	}
}

func (l Lab) scheduler() Server {
	url := "https://" + l.address(scheduler)
	return Server{
		Spec: process.Spec{
			Name: scheduler,
			Args: append([]string{scheduler}, flags(map[string]string{
				"bind-address":              "127.0.0.1",
				"secure-port":               port(l.Ports[scheduler]),
				"tls-cert-file":             l.Certificates.Certificate(server),
				"tls-private-key-file":      l.Certificates.Key(server),
				"kubeconfig":                l.KubeconfigOf(scheduler),
				"authentication-kubeconfig": l.KubeconfigOf(scheduler),
				"authorization-kubeconfig":  l.KubeconfigOf(scheduler),
				"kube-api-qps":              hasteQPS,
				"kube-api-burst":            hasteBurst,
				"leader-elect":              "false",
			})...),
		},
		Stage: Workers, URL: url, Probe: l.answers(url + "/healthz"), program: programKubernetes,
		files: []string{l.KubeconfigOf(scheduler), l.Certificates.Certificate(server)},
	}
}
