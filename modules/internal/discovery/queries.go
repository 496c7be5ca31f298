// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Kind is a server that answers queries, found by the labels of its charts.
type Kind struct {
	// selectors are tried one after the other; of what the last one finds only the
	// Services count that ours knows.
	selectors []string
	ours      func(core.Service) bool
	address   func([]core.Service) string
}

// Kinds are those that can be found, by their type as Grafana calls it.
func Kinds() map[string]Kind {
	return map[string]Kind{
		"tempo": {[]string{"app.kubernetes.io/name=tempo", chartName}, func(s core.Service) bool { return !foreignChart(s) }, tempoAddress},
		// grafana/helm-charts charts/loki-distributed and charts/loki-stack, grafana-community/helm-charts charts/loki
		"loki": {[]string{"app.kubernetes.io/name in (loki,loki-distributed)", "app=loki", chartName}, lokiChart, lokiAddress},
	}
}

// Address is the URL for queries of the only release of a kind.
func (k Kind) Address(ctx context.Context, cluster kube.Reader) (string, error) {
	services, err := k.services(ctx, cluster)
	if err != nil {
		return "", err
	}
	return onlyRelease(services, k.address)
}

// services are those of all releases of the kind.
func (k Kind) services(ctx context.Context, cluster kube.Reader) ([]core.Service, error) {
	for _, selector := range k.selectors {
		services, err := cluster.FindServices(ctx, selector, "look for it among the Services of the cluster")
		if err != nil {
			return nil, err
		}
		if selector == chartName {
			services = slices.DeleteFunc(services, func(service core.Service) bool { return !k.ours(service) })
		}
		if len(services) > 0 {
			return services, nil
		}
	}
	return nil, nil
}

// lokiCharts are the values of helm.sh/chart of charts that bring Loki.
var lokiCharts = lazyregexp.Regexp{Expr: `^loki(-distributed|-simple-scalable)?-\d`}

func lokiChart(service core.Service) bool {
	return lokiCharts.Get().MatchString(service.Labels[chartName])
}

// onlyRelease is the address of the only release that has one.
func onlyRelease(services []core.Service, address func([]core.Service) string) (string, error) {
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

// lokiQuerySide are the components of Loki that answer queries, best first: the gateway
// routes to all others.
var lokiQuerySide = []string{"gateway", "query-frontend", "read", "single-binary", ""}

func lokiAddress(services []core.Service) string { return lokiAt(services, lokiQuerySide) }

// lokiAt returns the address of the first of Loki's components that exists.
func lokiAt(services []core.Service, parts []string) string {
	for _, part := range parts {
		for _, service := range services {
			number := webPort(service)
			if service.Labels[kube.ComponentLabel] != part || service.Spec.ClusterIP == core.ClusterIPNone || number == 0 {
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
