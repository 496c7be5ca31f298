// SPDX-License-Identifier: AGPL-3.0-or-later

// Package discovery finds Tempo and Loki in a cluster by the labels that their
// charts put on Services.
package discovery

import (
	"context"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Tempo is a Tempo that was found in the cluster, the zero value when
// there is none.
type Tempo struct {
	Namespace, Name, Version string
	// Single is whether one Service stands for all of Tempo, as with the monolithic
	// chart: it shows ports of receivers that are not configured.
	Single bool
	// Receivers are the addresses that the Services show, by receiver.
	Receivers map[string]string
}

// FindTempo reads where Tempo takes spans from the Services of its release.
func FindTempo(ctx context.Context, cluster kube.Reader, namespace, release string) (Tempo, error) {
	for _, selector := range []string{tempoSelector(release), chartSelector(release)} {
		services, err := cluster.Services(ctx, namespace, selector)
		if err != nil {
			return Tempo{}, fault.During("find Tempo", err)
		}
		if ours := slices.DeleteFunc(services, foreignChart); len(ours) > 0 {
			return tempoOf(ours)
		}
	}
	return Tempo{}, nil
}

// TempoServices are the Services of a release of Tempo, whatever nameOverride makes
// of their names.
func TempoServices(ctx context.Context, cluster kube.Reader, namespace, release string) ([]core.Service, error) {
	services, err := cluster.Services(ctx, namespace, kube.InstanceLabel+"="+release)
	return slices.DeleteFunc(services, foreignChart), err
}

// chartSelector finds the Services of charts, where nameOverride has changed the
// name in Tempo's.
func chartSelector(release string) string {
	if release == "" {
		return chartName
	}
	return chartName + "," + kube.InstanceLabel + "=" + release
}

// chartName is the label with a chart's name and version.
const chartName = "helm.sh/chart"

// tempoChart is its value for Tempo's charts.
var tempoChart = lazyregexp.Regexp{Expr: `^tempo(-distributed)?-\d`}

// foreignChart reports whether a Service is that of a chart other than Tempo's.
func foreignChart(service core.Service) bool {
	label := service.Labels[chartName]
	return service.Labels["app.kubernetes.io/name"] != "tempo" && !tempoChart.Get().MatchString(label)
}

func tempoSelector(release string) string {
	selector := "app.kubernetes.io/name=tempo"
	if release != "" {
		selector += "," + kube.InstanceLabel + "=" + release
	}
	return selector
}

// tempoOf finds the one Tempo to which the Services belong. None is no error,
// since the task may say otherwise.
func tempoOf(services []core.Service) (Tempo, error) {
	found := map[string]Tempo{}
	for name, own := range kube.ByRelease(services) {
		if one := releaseOf(own); len(one.Receivers) > 0 {
			found[name] = one
		}
	}
	names := slices.Sorted(maps.Keys(found))
	if len(names) > 1 {
		return Tempo{}, fault.New(fault.Conflict, "say which one with tempo_namespace and tempo_release, or set endpoint",
			"find Tempo: there are %d: %s", len(names), strings.Join(names, ", "))
	}
	if len(names) == 0 {
		return Tempo{}, nil
	}
	return found[names[0]], nil
}

func releaseOf(services []core.Service) Tempo {
	first := services[0] // a group has at least one
	found := Tempo{Namespace: first.Namespace, Name: first.Labels[kube.InstanceLabel], Version: first.Labels[kube.VersionLabel],
		Receivers: receiversOf(services)}
	found.Single = !slices.ContainsFunc(services, func(s core.Service) bool { return s.Labels[kube.ComponentLabel] != "" })
	return found
}

// receiversOf are the receivers that Traefik can send to.
func receiversOf(services []core.Service) map[string]string {
	ends := map[string]string{}
	for name, address := range tempo.Endpoints(services, kube.ClusterDomain, []tempo.Endpoint{tempo.OTLPgRPC, tempo.OTLPHTTP, tempo.Zipkin}) {
		if name != tempo.Query {
			ends[string(name)] = address
		}
	}
	return ends
}

// Receives reports whether other pods reach a receiver of this Tempo, as its
// configuration in the ConfigMap has it. A single Service shows its port either way.
func (t Tempo) Receives(ctx context.Context, cluster kube.Reader, receiver tempo.Endpoint) (receives bool, configMap string, err error) {
	maps, err := cluster.ConfigMaps(ctx, t.Namespace, kube.InstanceLabel+"="+t.Name)
	if err != nil {
		return false, "", err
	}
	at := slices.IndexFunc(maps, func(one core.ConfigMap) bool { return one.Data[tempoFile] != "" })
	if at < 0 {
		return false, "", fault.New(fault.NotFound, "", "no ConfigMap of release %s/%s has a file %s", t.Namespace, t.Name, tempoFile)
	}
	listening, err := tempo.Listening(maps[at].Data[tempoFile], t.Version)
	return slices.Contains(listening, receiver), maps[at].Name, err
}

// tempoFile is the key of Tempo's configuration (charts tempo and
// tempo-distributed, ConfigMap).
const tempoFile = "tempo.yaml"
