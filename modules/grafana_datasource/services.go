// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

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

// locate looks for the URL of a data source that is to be created without one.
// That it was not found is told only if it stays missing.
func (m *Module) locate(ctx context.Context, args Args, have *State) {
	kind, findable := kindsInCluster[args.kind()]
	if !findable || args.SourceURL != "" || args.absent() || have.base() != nil {
		return
	}
	have.Address, have.Missing = m.inCluster(ctx, args, kind.selector, kind.address)
}

func (m *Module) inCluster(ctx context.Context, args Args, selector string, address func([]core.Service) string) (string, error) {
	if m.kube == nil {
		clients, err := args.cluster().Clients()
		if err != nil {
			return "", err
		}
		m.kube = &clients
	}
	list, err := m.kube.Core.Services("").List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", kube.Fault("look for it among the Services of the cluster", err)
	}
	return theOne(list.Items, address)
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

// unknown is the refusal when no URL is known.
func unknown(wish *Wish, kind string, cause error) error {
	if cause == nil {
		return fault.New(fault.Usage, "", "create data source %s: ds_url is required for type %s", wish.Label, kind)
	}
	return fault.As(fault.KindOf(cause), "give ds_url, or kubeconfig so that it can be looked for", "create data source "+wish.Label+" without ds_url", cause)
}

// at returns the wish with the URL that was found, if it has none, else with that
// of a new data source.
func (w *Wish) at(have State) *Wish {
	found := have.Address
	if found == "" && have.base() == nil {
		found = w.NewURL
	}
	if w.URL != "" || found == "" {
		return w
	}
	placed := *w
	placed.URL = found
	return &placed
}
