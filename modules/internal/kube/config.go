// SPDX-License-Identifier: AGPL-3.0-or-later

// Package kube provides clients for the Kubernetes API.
package kube

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/credential"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/option"
)

// k3sConfig is where k3s writes the cluster's kubeconfig, readable by root.
const k3sConfig = "/etc/rancher/k3s/k3s.yaml"

// hint is the next step for a user without a usable kubeconfig.
const hint = "set kubeconfig (or K8S_AUTH_KUBECONFIG) to a file that exists on the host that runs the task; k3s keeps one in " + k3sConfig + ", which needs become: true"

// ClientConfig finds the kubeconfig and applies the overrides. It contacts
// nothing.
func (a Access) ClientConfig() (clientcmd.ClientConfig, error) {
	overrides, err := a.overrides()
	if err != nil {
		return nil, err
	}
	path, isText := a.Kubeconfig.(string)
	if a.Kubeconfig != nil && !isText || !option.IsPath(path) {
		config, err := a.content()
		if err != nil {
			return nil, err
		}
		return clientcmd.NewNonInteractiveClientConfig(*config, a.Context, overrides, nil), nil
	}
	rules, err := loadingRules(path)
	if err != nil {
		return nil, err
	}
	if err := readable(rules); err != nil {
		return nil, err
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
}

// RESTConfig is ClientConfig in client-go's form. The client does not rate-limit its
// requests: the API server does, by priority and fairness (on by default since
// Kubernetes 1.20), and answers 429, whereas client-go's limiter fails a request
// ahead of a deadline that it would miss, as if that were a fault.
func (a Access) RESTConfig() (*rest.Config, error) {
	client, err := a.ClientConfig()
	if err != nil {
		return nil, err
	}
	if err := a.regular(client); err != nil {
		return nil, err
	}
	config, err := client.ClientConfig()
	if err != nil {
		return nil, fault.Wrap(fault.Usage, hint, "read kubeconfig", withoutSecrets(client, err))
	}
	config.QPS = -1
	config.UserAgent = "picluster.tracing"
	if a.ValidateCerts != nil && !*a.ValidateCerts {
		config.Insecure, config.CAData, config.CAFile = true, nil, ""
	}
	if err := credential.Apply(config); err != nil {
		return nil, err
	}
	config.Wrap(learning)
	config.Wrap(a.hints().Over)
	withRetries(config)
	checkAnswers(config)
	return config, nil
}

// hints are about the kubeconfig, unless the task gives the server's address or CA
// itself.
func (a Access) hints() certificate.Hints {
	if a.Host != "" || a.CACert != "" {
		return certificate.DefaultNames.Hints()
	}
	return certificate.Hints{
		Untrusted: "the kubeconfig has another CA than the API server's certificate: fetch the kubeconfig anew, as after k3s was installed again",
		Ended:     "the API server ended the TLS handshake: fetch the kubeconfig anew, whose client certificate may have expired",
	}
}

// withoutSecrets removes a kubeconfig's secrets from an error. The parser's message about
// a broken file may quote any part of it.
func withoutSecrets(client clientcmd.ClientConfig, err error) error {
	config, unreadable := client.RawConfig()
	if unreadable != nil {
		return errors.New("the file is not a kubeconfig")
	}
	return hidden(err, config)
}

func (a Access) overrides() (*clientcmd.ConfigOverrides, error) {
	overrides := &clientcmd.ConfigOverrides{CurrentContext: a.Context}
	overrides.ClusterInfo.Server = a.Host
	overrides.AuthInfo.Token = a.APIKey.Reveal()
	cluster, login := &overrides.ClusterInfo, &overrides.AuthInfo
	for _, given := range []struct {
		name, value string
		path        *string
		data        *[]byte
	}{
		{"ca_cert", a.CACert, &cluster.CertificateAuthority, &cluster.CertificateAuthorityData},
		{"client_cert", a.ClientCert, &login.ClientCertificate, &login.ClientCertificateData},
		{"client_key", a.ClientKey, &login.ClientKey, &login.ClientKeyData},
	} {
		if option.Shown(given.value) == given.value {
			*given.path = given.value
			continue
		}
		text, err := certificate.Text(given.value)
		if err != nil {
			return nil, fault.During("read "+given.name, err)
		}
		*given.data = text
	}
	return overrides, nil
}

// loadingRules uses the file that was given, else the usual places, with k3s'
// own file last.
func loadingRules(path string) (*clientcmd.ClientConfigLoadingRules, error) {
	if path != "" {
		return explicit(path)
	}
	if !option.IsPath(os.Getenv(clientcmd.RecommendedConfigPathEnvVar)) {
		return nil, fault.New(fault.Usage, hint, "read KUBECONFIG: it holds a kubeconfig, but must be the path of one")
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" && !exists(clientcmd.RecommendedHomeFile) && exists(k3sConfig) {
		rules.ExplicitPath = k3sConfig
	}
	return rules, nil
}

func explicit(path string) (*clientcmd.ClientConfigLoadingRules, error) {
	path = expand(path)
	if err := file.CheckRead(path, file.Manifests); err != nil {
		return nil, fault.Wrap(fault.KindOf(err), hint, "read kubeconfig "+option.Shown(path), cause(err))
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: path}, nil
}

// cause drops "open PATH:" from an error, since the path is already named.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func expand(path string) string {
	if len(path) > 1 && path[:2] == "~/" {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, path[2:])
		}
	}
	return os.ExpandEnv(path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
