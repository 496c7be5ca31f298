// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// receivers reads where Tempo takes spans from the Services of its release.
func (m *Module) receivers(ctx context.Context, args Args) (map[string]string, error) {
	list, err := m.clients.Core.Services(args.TempoNamespace).List(ctx, meta.ListOptions{LabelSelector: tempoSelector(args)})
	if err != nil {
		return nil, kube.Fault("list the Services of Tempo", err)
	}
	return receiversOf(list.Items)
}

func tempoSelector(args Args) string {
	selector := "app.kubernetes.io/name=tempo"
	if args.TempoRelease != "" {
		selector += "," + kube.InstanceLabel + "=" + args.TempoRelease
	}
	return selector
}

// receiversOf reads the receivers of the one Tempo to which the Services belong.
// None is no error, since the task may say otherwise.
func receiversOf(services []core.Service) (map[string]string, error) {
	found := map[string]map[string]string{}
	for name, own := range kube.ByRelease(services) {
		if ends := spansTo(own); len(ends) > 0 {
			found[name] = ends
		}
	}
	names := slices.Sorted(maps.Keys(found))
	if len(names) > 1 {
		return nil, fault.New(fault.Conflict, "say which one with tempo_namespace and tempo_release, or set endpoint",
			"find Tempo: there are %d: %s", len(names), strings.Join(names, ", "))
	}
	if len(names) == 0 {
		return nil, nil
	}
	return found[names[0]], nil
}

// spansTo are the receivers that Traefik can send to.
func spansTo(services []core.Service) map[string]string {
	ends := map[string]string{}
	for name, address := range tempo.Endpoints(services, kube.ClusterDomain, []tempo.Endpoint{tempo.OTLPgRPC, tempo.OTLPHTTP, tempo.Zipkin}) {
		if name != tempo.Query {
			ends[string(name)] = address
		}
	}
	return ends
}
