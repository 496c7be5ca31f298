// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Kubeconfig is the file for kubectl, Helm and the servers of the cluster, with all data embedded, so that it can be copied;
// it holds the private key of the user.
func Kubeconfig(login Login, user string) ([]byte, error) {
	config := login.config()
	if err := rest.LoadTLSFiles(config); err != nil {
		return nil, fmt.Errorf("make the kubeconfig of %s: %w", user, err)
	}
	const lab = "lab"
	file := api.NewConfig()
	file.Clusters[lab] = &api.Cluster{Server: login.URL, CertificateAuthorityData: config.CAData}
	file.AuthInfos[user] = &api.AuthInfo{ClientCertificateData: config.CertData, ClientKeyData: config.KeyData}
	file.Contexts[lab] = &api.Context{Cluster: lab, AuthInfo: user}
	file.CurrentContext = lab
	return clientcmd.Write(*file)
}
