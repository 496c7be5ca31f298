// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"context"
	"fmt"
	"slices"

	core "k8s.io/api/core/v1"

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

// Address is the URL for queries of the only release of a kind, or of the one that is
// meant. It is a conflict where there are others and not that one.
func (k Kind) Address(ctx context.Context, cluster kube.Reader, meant Release) (string, error) {
	services, err := k.services(ctx, cluster, meant)
	if err != nil {
		return "", err
	}
	return meant.only(services, k.address)
}

// services are those of all releases of the kind that the first selector finds, or, where
// a release is meant, those that are found until it is among them.
func (k Kind) services(ctx context.Context, cluster kube.Reader, meant Release) (found []core.Service, err error) {
	for _, selector := range k.selectors {
		services, err := cluster.FindServices(ctx, selector, "look for it among the Services of the cluster")
		if err != nil {
			return nil, err
		}
		if selector == chartName {
			services = slices.DeleteFunc(services, func(service core.Service) bool { return !k.ours(service) })
		}
		if meant.among(services) {
			return services, nil
		}
		found = append(found, services...)
	}
	return found, nil
}

// lokiCharts are the values of helm.sh/chart of charts that bring Loki.
var lokiCharts = lazyregexp.Regexp{Expr: `^loki(-distributed|-simple-scalable)?-\d`}

func lokiChart(service core.Service) bool {
	return lokiCharts.Get().MatchString(service.Labels[chartName])
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
