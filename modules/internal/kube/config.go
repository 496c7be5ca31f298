// SPDX-License-Identifier: AGPL-3.0-or-later

// Package kube reaches the Kubernetes API.
package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/files"
)

// k3sConfig is where k3s writes the cluster's kubeconfig, readable by root.
const k3sConfig = "/etc/rancher/k3s/k3s.yaml"

// hint is the next move for whoever has no usable kubeconfig.
const hint = "set kubeconfig (or K8S_AUTH_KUBECONFIG) to a file that exists on the host that runs the task; k3s keeps one in " + k3sConfig + ", which needs become: true"

// ClientConfig finds the kubeconfig and applies the overrides. It contacts
// nothing.
func (a Access) ClientConfig() (clientcmd.ClientConfig, error) {
	if content, inline := a.Kubeconfig.(map[string]any); inline {
		return a.inline(content)
	}
	path, _ := a.Kubeconfig.(string)
	rules, err := loadingRules(path)
	if err != nil {
		return nil, err
	}
	if err := readable(rules); err != nil {
		return nil, err
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, a.overrides()), nil
}

// RESTConfig is ClientConfig as client-go takes it, with limits high enough
// that a run of a few dozen calls is never held back by the client itself.
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
		return nil, fault.As(fault.Usage, hint, "read kubeconfig", err)
	}
	config.QPS, config.Burst = 50, 100
	config.UserAgent = "picluster.tracing"
	if a.ValidateCerts != nil && !*a.ValidateCerts {
		config.Insecure, config.CAData, config.CAFile = true, nil, ""
	}
	outliving(config)
	return config, nil
}

func (a Access) inline(content map[string]any) (clientcmd.ClientConfig, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return nil, fault.As(fault.Usage, hint, "read kubeconfig", errors.New("the dictionary cannot be encoded"))
	}
	config, err := clientcmd.Load(data)
	if err != nil {
		return nil, fault.As(fault.Usage, hint, "read kubeconfig", errors.New("the dictionary is not a kubeconfig"))
	}
	return clientcmd.NewNonInteractiveClientConfig(*config, a.Context, a.overrides(), nil), nil
}

func (a Access) overrides() *clientcmd.ConfigOverrides {
	overrides := &clientcmd.ConfigOverrides{CurrentContext: a.Context}
	overrides.ClusterInfo.Server = a.Host
	overrides.ClusterInfo.CertificateAuthority = a.CACert
	overrides.AuthInfo.Token = a.APIKey.Reveal()
	overrides.AuthInfo.ClientCertificate = a.ClientCert
	overrides.AuthInfo.ClientKey = a.ClientKey
	return overrides
}

// loadingRules takes the file that was asked for, else the usual places, with
// k3s' own file after them.
func loadingRules(path string) (*clientcmd.ClientConfigLoadingRules, error) {
	if path != "" {
		return explicit(path)
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" && !exists(clientcmd.RecommendedHomeFile) && exists(k3sConfig) {
		rules.ExplicitPath = k3sConfig
	}
	return rules, nil
}

func explicit(path string) (*clientcmd.ClientConfigLoadingRules, error) {
	path = expand(path)
	if err := files.Check(path, files.Manifests); err != nil {
		return nil, fault.As(fault.KindOf(err), hint, fmt.Sprintf("read kubeconfig %s", path), cause(err))
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: path}, nil
}

// cause drops "open PATH:" from an error, since the path is named already.
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
