// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"io/fs"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
)

// readable refuses kubeconfigs that client-go would never finish reading.
// Missing files are left to client-go.
func readable(rules *clientcmd.ClientConfigLoadingRules) error {
	for _, path := range rules.GetLoadingPrecedence() {
		if err := check(path, file.Manifests); err != nil {
			return fault.Wrap(fault.KindOf(err), hint, "read kubeconfig", err)
		}
	}
	return nil
}

// regular refuses such files among those named by a kubeconfig or the task,
// before client-go opens them.
func (a Access) regular(client clientcmd.ClientConfig) error {
	for what, paths := range a.files(client) {
		for _, path := range paths {
			if err := check(path, file.Certificates); err != nil {
				return fault.During("read "+what+" of the Kubernetes API", err)
			}
		}
	}
	return nil
}

func (a Access) files(client clientcmd.ClientConfig) map[string][]string {
	named := map[string][]string{"ca_cert": {a.CACert}, "client_cert": {a.ClientCert}, "client_key": {a.ClientKey}}
	config, err := client.RawConfig()
	if err != nil {
		return named // client-go reports it
	}
	for _, cluster := range config.Clusters {
		named["ca_cert"] = append(named["ca_cert"], cluster.CertificateAuthority)
	}
	for _, user := range config.AuthInfos {
		named["client_cert"] = append(named["client_cert"], user.ClientCertificate)
		named["client_key"] = append(named["client_key"], user.ClientKey)
		named["the token file"] = append(named["the token file"], user.TokenFile)
	}
	return named
}

func check(path string, largest int64) error {
	if path == "" {
		return nil
	}
	err := file.CheckRead(path, largest)
	if system := (*fs.PathError)(nil); errors.As(err, &system) {
		return nil
	}
	return err
}
