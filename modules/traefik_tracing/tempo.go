// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// tempoRelease is the Tempo that was found in the cluster, the zero value when
// there is none.
type tempoRelease struct {
	namespace, name, version string
	// single is whether one Service stands for all of Tempo, as with the monolithic
	// chart: it shows ports of receivers that are not configured.
	single bool
	// receivers are the addresses that the Services show, by receiver.
	receivers map[string]string
}

// tempo reads where Tempo takes spans from the Services of its release.
func (c *client) tempo(ctx context.Context, spec Spec) (tempoRelease, error) {
	for _, selector := range []string{tempoSelector(spec.TempoRelease), chartSelector(spec.TempoRelease)} {
		services, err := c.cluster.Services(ctx, spec.TempoNamespace, selector)
		if err != nil {
			return tempoRelease{}, fault.Doing("find Tempo", err)
		}
		if ours := slices.DeleteFunc(services, foreignChart); len(ours) > 0 {
			return tempoOf(ours)
		}
	}
	return tempoRelease{}, nil
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
var tempoChart = regexp.MustCompile(`^tempo(-distributed)?-\d`)

// foreignChart reports whether a Service is that of a chart other than Tempo's.
func foreignChart(service core.Service) bool {
	label := service.Labels[chartName]
	return service.Labels["app.kubernetes.io/name"] != "tempo" && !tempoChart.MatchString(label)
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
func tempoOf(services []core.Service) (tempoRelease, error) {
	found := map[string]tempoRelease{}
	for name, own := range kube.ByRelease(services) {
		if one := releaseOf(own); len(one.receivers) > 0 {
			found[name] = one
		}
	}
	names := slices.Sorted(maps.Keys(found))
	if len(names) > 1 {
		return tempoRelease{}, fault.New(fault.Conflict, "say which one with tempo_namespace and tempo_release, or set endpoint",
			"find Tempo: there are %d: %s", len(names), strings.Join(names, ", "))
	}
	if len(names) == 0 {
		return tempoRelease{}, nil
	}
	return found[names[0]], nil
}

func releaseOf(services []core.Service) tempoRelease {
	first := services[0] // a group has at least one
	found := tempoRelease{namespace: first.Namespace, name: first.Labels[kube.InstanceLabel], version: first.Labels[kube.VersionLabel],
		receivers: receiversOf(services)}
	found.single = !slices.ContainsFunc(services, func(s core.Service) bool { return s.Labels[kube.ComponentLabel] != "" })
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

// receiverDisabled says why the Tempo that was found does not take spans by a
// receiver whose port its Service shows, nil when it does. Unsure is an error that
// keeps this from being known.
func (c *client) receiverDisabled(ctx context.Context, t target, found tempoRelease) (refusal, unsure error) {
	if !found.single || t.Endpoint != "" || t.Endpoints != nil {
		return nil, nil
	}
	selector := kube.InstanceLabel + "=" + found.name
	maps, err := c.cluster.ConfigMaps(ctx, found.namespace, selector)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(maps, func(one core.ConfigMap) bool { return one.Data[tempoFile] != "" })
	if at < 0 {
		return nil, fault.New(fault.NotFound, "", "no ConfigMap of release %s/%s has a file %s", found.namespace, found.name, tempoFile)
	}
	listening, err := tempo.Listening(maps[at].Data[tempoFile], found.version)
	if err != nil || slices.Contains(listening, tempo.Endpoint(t.receiver())) {
		return nil, err
	}
	return fault.New(fault.NotFound, "name it in receivers of the role tempo, or give it an address in the chart's values, such as tempo.receivers.zipkin.endpoint: 0.0.0.0:9411; or set endpoint",
		"Traefik %s needs Tempo's receiver %s: Tempo's Service shows the port, but %s of ConfigMap %s/%s has no receiver there that other pods reach",
		t.number, t.receiver(), tempoFile, found.namespace, maps[at].Name), nil
}

// tempoFile is the key of Tempo's configuration (charts tempo and
// tempo-distributed, ConfigMap).
const tempoFile = "tempo.yaml"
