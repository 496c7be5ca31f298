// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// shownRelease is a release as the diff shows it.
func shownRelease(release helm.Release) map[string]any {
	return map[string]any{"chart": release.Chart.ID(), "status": string(release.Status), "values": secret.Masked(any(release.Values))}
}

func (t Target) shown() map[string]any {
	return map[string]any{"chart": t.Chart.ID(), "status": string(helm.Deployed), "values": secret.Masked(any(t.Values))}
}

// coalesced are the release's values with the chart's defaults below them.
func (s State) coalesced() map[string]any {
	return helm.Merge(s.Release.Chart.Defaults, s.Release.Values)
}

// clusterDomain is the cluster's DNS domain, as far as the chart was told it.
func (s State) clusterDomain() string {
	if domain, _ := helm.Lookup(s.coalesced(), "global", "clusterDomain").(string); domain != "" {
		return strings.TrimSuffix(domain, ".")
	}
	return "cluster.local"
}

// receivers are those that listen, or nil where the Services tell.
func (s State) receivers() []tempo.Endpoint {
	if s.Release.Chart.Name != compat.TempoMonolithic {
		return nil
	}
	listening := []tempo.Endpoint{}
	values := s.coalesced()
	for receiver, listener := range listeners {
		if helm.Lookup(values, append([]string{"tempo", "receivers"}, listener.path...)...) != nil {
			listening = append(listening, receiver)
		}
	}
	slices.Sort(listening)
	return listening
}

// serviceAccount is the one under which Tempo's pods run.
func (s State) serviceAccount() string {
	for _, workload := range s.Workloads {
		if name := workload.Template.Spec.ServiceAccountName; name != "" {
			return name
		}
	}
	return ""
}
