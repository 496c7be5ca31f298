// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import core "k8s.io/api/core/v1"

// LoadBalancerAddress is the first address at which a load balancer answers for a Service,
// or "".
func LoadBalancerAddress(service core.Service) string {
	for _, entry := range service.Status.LoadBalancer.Ingress {
		for _, address := range []string{entry.IP, entry.Hostname} {
			if address != "" {
				return address
			}
		}
	}
	return ""
}
