// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/base64"
	"fmt"
	"os"
)

// kubeconfig has everything inside, so that it can be copied away.
const kubeconfig = `apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster:
    server: %s
    certificate-authority-data: %s
contexts:
- name: lab
  context:
    cluster: lab
    user: %s
users:
- name: %[3]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
`

// Kubeconfig is the file for kubectl, Helm and the servers of the cluster; it holds the private key of the user.
func Kubeconfig(login Login, user string) ([]byte, error) {
	var parts []any
	for _, path := range []string{login.Authority, login.Certificate, login.Key} {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("make the kubeconfig of %s: %w", user, err)
		}
		parts = append(parts, base64.StdEncoding.EncodeToString(raw))
	}
	return fmt.Appendf(nil, kubeconfig, login.URL, parts[0], user, parts[1], parts[2]), nil
}
