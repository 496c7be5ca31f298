// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomode"
)

// The choices of return_values.
const (
	returnAuto   = "auto"
	returnAlways = "always"
)

// maxUsualValues is how many bytes of JSON the values may have that are returned
// without being asked for. They are returned twice, and with the rest of the result
// make less than 16 KiB.
const maxUsualValues = 6 << 10

// Result is what the task returns. Before the first install (in check mode),
// endpoints and service_account are those that the release would have.
func (c *client) Result(spec Spec, status Status) map[string]any {
	release := status.Release
	result := map[string]any{
		"mode":        tempomode.Of(status.Proposal.Chart.Name),
		"mode_reason": status.Choice.Why,
		"resources":   cmp.Or(status.Choice.Resources, spec.Resources),
		"release": map[string]any{
			"name": spec.Release, "namespace": spec.Namespace, "revision": release.Revision, "status": string(release.Status),
			"chart": release.Chart.ID(), "chart_version": release.Chart.Version, "app_version": release.Chart.AppVersion,
		},
		"endpoints":       status.endpoints(),
		"service_account": status.serviceAccount(),
		"drift":           status.redactedDrift(),
	}
	if c.undecided != nil && *c.undecided != "" {
		result["warnings"] = []string{*c.undecided}
	}
	maps.Copy(result, returnedValues(release.Values, spec.ReturnValues))
	return result
}

// returnedValues is what the task returns of the release's values, or where they are
// too large how many bytes they have, and a digest by which two runs can be compared.
// The values are returned twice: in Jinja a dictionary's "values" is its method, so that
// only release_values can be reached by a dot.
func returnedValues(values map[string]any, wanted string) map[string]any {
	masked := secret.Masked(any(values))
	encoded, err := json.Marshal(masked)
	if wanted == returnAlways || err != nil || len(encoded) <= maxUsualValues {
		return map[string]any{"release_values": masked, "values": masked}
	}
	digest := sha256.Sum256(encoded)
	return map[string]any{"release_values_left_out": map[string]any{
		"bytes": len(encoded), "sha256": hex.EncodeToString(digest[:]),
		"note": fmt.Sprintf("release_values has more than %d bytes; return_values: %s returns it", maxUsualValues, returnAlways),
	}}
}

// endpoints are read from the live Services; before the first install from
// those that would.
func (s Status) endpoints() map[tempo.Endpoint]string {
	services, release := s.Live.Services, s.Release
	if s.planned() {
		services, release = s.services(), helm.Release{Chart: s.Proposal.Chart, Values: s.Proposal.Values}
	}
	values := helm.Merge(release.Chart.Defaults, release.Values)
	return tempo.Endpoints(services, clusterDomain(values), tempochart.Listening(release.Chart, values))
}

// planned reports whether the release is yet to be made.
func (s Status) planned() bool { return s.Release.Status == helm.Absent && s.Proposal.Manifest != "" }

// services are the Services of the rendered manifest.
func (s Status) services() []core.Service {
	var services []core.Service
	for _, object := range s.Proposal.Objects {
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

// clusterDomain is the cluster's DNS domain as the chart has it, else the default.
func clusterDomain(values map[string]any) string {
	if domain, _ := helm.Lookup(values, "global", "clusterDomain").(string); domain != "" {
		return strings.TrimSuffix(domain, ".")
	}
	return kube.ClusterDomain
}

// serviceAccount is the one under which Tempo's pods run.
func (s Status) serviceAccount() string {
	for _, workload := range s.Live.Workloads() {
		if name := workload.Template.Spec.ServiceAccountName; name != "" {
			return name
		}
	}
	if !s.planned() {
		return ""
	}
	for _, object := range s.Proposal.Objects {
		if object.Kind == "ServiceAccount" {
			return object.Name
		}
	}
	return ""
}
