// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import core "k8s.io/api/core/v1"

// ClusterDomain is the DNS domain that k3s gives a cluster by default (k3s
// server --cluster-domain). Where it differs, the task gives the address.
const ClusterDomain = "cluster.local"

// ByRelease groups Services by their Helm release, as NAMESPACE/RELEASE by
// their instance label.
func ByRelease(services []core.Service) map[string][]core.Service {
	releases := map[string][]core.Service{}
	for _, service := range services {
		name := service.Namespace + "/" + service.Labels[InstanceLabel]
		releases[name] = append(releases[name], service)
	}
	return releases
}
