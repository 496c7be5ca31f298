// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Access says how to reach the Kubernetes API. A module's Args embeds it.
type Access struct {
	Kubeconfig    any         `json:"kubeconfig"`
	Context       string      `json:"context"`
	Host          string      `json:"host"`
	APIKey        secret.Text `json:"api_key"`
	ValidateCerts *bool       `json:"validate_certs"`
	CACert        string      `json:"ca_cert"`
	ClientCert    string      `json:"client_cert"`
	ClientKey     string      `json:"client_key"`
}

// Options are the rows for Access. Names, aliases and environment variables are
// those of kubernetes.core (plugins/module_utils/args_common.py, 6.x), so that
// module_defaults written for it carry over.
func Options() []option.Option {
	return []option.Option{
		{Name: "kubeconfig", Type: option.Raw, Check: checkKubeconfig, Hides: secretsOf, Aliases: []string{"kubeconfig_path"}, Env: []string{"K8S_AUTH_KUBECONFIG"}, Doc: []string{
			"Path of a kubeconfig file, or its content as a dictionary or as text. Without it E(KUBECONFIG), C(~/.kube/config), the k3s file C(/etc/rancher/k3s/k3s.yaml) and the service account of a pod are tried in this order."}},
		{Name: "context", Type: option.Text, Aliases: []string{"kube_context"}, Env: []string{"K8S_AUTH_CONTEXT"}, Doc: []string{"Context of the kubeconfig; the current one by default."}},
		{Name: "host", Type: option.Text, Check: checkHost, Env: []string{"K8S_AUTH_HOST"}, Doc: []string{"URL of the Kubernetes API server, instead of the kubeconfig's."}},
		{Name: "api_key", Type: option.Text, Secret: true, Env: []string{"K8S_AUTH_API_KEY"}, Doc: []string{"Bearer token, instead of the kubeconfig's login."}},
		{Name: "validate_certs", Type: option.Bool, Aliases: []string{"verify_ssl"}, Env: []string{"K8S_AUTH_VERIFY_SSL"}, Doc: []string{"Whether the API server's certificate is verified. If it is not set, the kubeconfig decides."}},
		{Name: "ca_cert", Type: option.Path, Inline: true, Aliases: []string{"ssl_ca_cert"}, Env: []string{"K8S_AUTH_SSL_CA_CERT"}, Doc: []string{"CA certificate of the API server, as a path on the host that runs the task or as PEM text. It is trusted instead of those of that host, as with Kubernetes' own clients."}},
		{Name: "client_cert", Type: option.Path, Inline: true, Aliases: []string{"cert_file"}, Env: []string{"K8S_AUTH_CERT_FILE"}, Doc: []string{"Client certificate, as a path on the host that runs the task or as PEM text."}},
		{Name: "client_key", Type: option.Path, Inline: true, Aliases: []string{"key_file"}, Env: []string{"K8S_AUTH_KEY_FILE"}, Doc: []string{"Key of the client certificate, given in the same ways."}},
	}
}
