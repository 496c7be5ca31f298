// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"encoding/json"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// endpoints are read from the Services that live; before the first install from
// those that would.
func (s State) endpoints() map[tempo.Endpoint]string {
	services, release := s.Live.Services, s.Release
	if s.planned() {
		services, release = s.services(), helm.Release{Chart: s.Target.Chart, Values: s.Target.Values}
	}
	values := helm.Merge(release.Chart.Defaults, release.Values)
	return tempo.Endpoints(services, clusterDomain(values), listening(release.Chart, values))
}

// planned reports whether the release is yet to be made.
func (s State) planned() bool { return s.Release.Status == helm.Absent && s.Target.Manifest != "" }

// services are the Services of the rendered manifest.
func (s State) services() []core.Service {
	objects, _ := helm.Objects(s.Target.Manifest, s.args.Namespace) // Helm has parsed it already
	var services []core.Service
	for _, object := range objects {
		var service core.Service
		data, err := json.Marshal(object.Content)
		if object.Kind != "Service" || err != nil || json.Unmarshal(data, &service) != nil {
			continue
		}
		service.Namespace = object.Namespace
		services = append(services, service)
	}
	return services
}

// clusterDomain is the cluster's DNS domain, as far as the chart was told it.
func clusterDomain(values map[string]any) string {
	if domain, _ := helm.Lookup(values, "global", "clusterDomain").(string); domain != "" {
		return strings.TrimSuffix(domain, ".")
	}
	return kube.ClusterDomain
}

// listening are the receivers that listen, or nil where the Services tell.
func listening(chart helm.Chart, values map[string]any) []tempo.Endpoint {
	if chart.Name != compat.TempoMonolithic {
		return nil
	}
	found := []tempo.Endpoint{}
	for receiver, listener := range listeners {
		if helm.Lookup(values, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			found = append(found, receiver)
		}
	}
	slices.Sort(found)
	return found
}

// serviceAccount is the one under which Tempo's pods run.
func (s State) serviceAccount() string {
	for _, workload := range s.workloads() {
		if name := workload.Template.Spec.ServiceAccountName; name != "" {
			return name
		}
	}
	if !s.planned() {
		return ""
	}
	objects, _ := helm.Objects(s.Target.Manifest, s.args.Namespace) // Helm has parsed it already
	for _, object := range objects {
		if object.Kind == "ServiceAccount" {
			return object.Name
		}
	}
	return ""
}
