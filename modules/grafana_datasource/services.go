// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// kindsInCluster are the types that are found by the labels of their charts.
var kindsInCluster = map[string]struct {
	selector string
	address  func([]core.Service) string
}{
	"tempo": {"app.kubernetes.io/name=tempo", tempoAddress},
	// grafana/helm-charts charts/loki-distributed, grafana-community/helm-charts charts/loki
	"loki": {"app.kubernetes.io/name in (loki,loki-distributed)", lokiAddress},
}

// locate looks for the URL of a new data source that is given none.
// That it was not found is told only if it stays missing.
func (c *client) locate(ctx context.Context, spec Spec, status *Status) {
	kind, findable := kindsInCluster[spec.Type]
	if !findable || spec.SourceURL != "" || spec.absent() || status.base() != nil {
		return
	}
	status.Address, status.Missing = c.inCluster(ctx, kind.selector, kind.address)
}

func (c *client) inCluster(ctx context.Context, selector string, address func([]core.Service) string) (string, error) {
	cluster, err := c.cluster()
	if err != nil {
		return "", err
	}
	services, err := cluster.FindServices(ctx, selector, "look for it among the Services of the cluster")
	if err != nil {
		return "", err
	}
	return theOne(services, address)
}

// theOne is the address of the only release that has one.
func theOne(services []core.Service, address func([]core.Service) string) (string, error) {
	found := map[string]string{}
	for name, own := range kube.ByRelease(services) {
		if url := address(own); url != "" {
			found[name] = url
		}
	}
	names := slices.Sorted(maps.Keys(found))
	switch len(names) {
	case 0:
		return "", fault.New(fault.NotFound, "install it first, or give ds_url", "no release in the cluster answers queries")
	case 1:
		return found[names[0]], nil
	}
	return "", fault.New(fault.Conflict, "give ds_url", "there are %d in the cluster: %s", len(names), strings.Join(names, ", "))
}

func tempoAddress(services []core.Service) string {
	return tempo.Endpoints(services, kube.ClusterDomain, nil)[tempo.Query]
}

// lokiFronts are the parts of Loki that answer queries, best first: the gateway
// knows the ways to all others.
var lokiFronts = []string{"gateway", "query-frontend", "read", "single-binary", ""}

func lokiAddress(services []core.Service) string {
	for _, front := range lokiFronts {
		for _, service := range services {
			number := webPort(service)
			if service.Labels[kube.ComponentLabel] != front || service.Spec.ClusterIP == core.ClusterIPNone || number == 0 {
				continue
			}
			host := fmt.Sprintf("http://%s.%s.svc.%s", service.Name, service.Namespace, kube.ClusterDomain)
			if number == 80 {
				return host
			}
			return fmt.Sprintf("%s:%d", host, number)
		}
	}
	return ""
}

// webPort is the port called http or http-metrics.
func webPort(service core.Service) int32 {
	for _, port := range service.Spec.Ports {
		if port.Name == "http" || port.Name == "http-metrics" {
			return port.Port
		}
	}
	return 0
}

// withURL returns the spec with the URL that was found, if it has none, else with
// that of a new data source.
func (r resolved) withURL(status Status) resolved {
	found := status.Address
	if found == "" && status.base() == nil {
		found = r.NewURL
	}
	if r.SourceURL == "" {
		r.SourceURL = found
	}
	return r
}
