// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// redactedRelease is a release as the diff shows it.
func redactedRelease(release helm.Release) map[string]any {
	return map[string]any{"chart": release.Chart.ID(), "status": string(release.Status), "values": secret.Masked(any(release.Values))}
}

// releaseDiff are the release as it is and as it would be.
func (s Status) releaseDiff() (before, after map[string]any) {
	proposal := s.Proposal
	was, is := secret.MaskedPair(any(s.Release.Values), any(proposal.Values))
	before = map[string]any{"chart": s.Release.Chart.ID(), "status": string(s.Release.Status), "values": was}
	after = map[string]any{"chart": proposal.Chart.ID(), "status": string(helm.Deployed), "values": is}
	if objects := objectsDiff(s.Manifests, proposal.Objects); len(objects) > 0 {
		after["objects"] = objects
	}
	return before, after
}

// noise stands on every object of a chart and changes with its version.
var noise = []string{"metadata.labels.helm.sh/chart", "metadata.labels.app.kubernetes.io/version"}

// objectsDiff is what the new manifest means for the release's objects: which
// are made, which are removed, and which fields of which change. Values are left
// out: the configuration is a text of its own, and may hold what is nobody's
// business.
func objectsDiff(before, after []helm.Object) map[string]any {
	old, diff := map[string]helm.Object{}, map[string]any{}
	for _, object := range before {
		old[object.Path()] = object
	}
	for _, object := range after {
		was, is := old[object.Path()]
		delete(old, object.Path())
		if !is {
			diff[object.Path()] = "created"
			continue
		}
		if fields := changedFields(was, object); len(fields) > 0 {
			diff[object.Path()] = "changed: " + strings.Join(fields, ", ")
		}
	}
	for path := range old {
		diff[path] = "removed"
	}
	return diff
}

// changedFields are the fields that differ, sorted.
func changedFields(a, b helm.Object) []string {
	fields := kube.Differences(&unstructured.Unstructured{Object: a.Content}, &unstructured.Unstructured{Object: b.Content})
	for name := range fields {
		if slices.ContainsFunc(noise, func(end string) bool { return strings.HasSuffix(name, end) }) {
			delete(fields, name)
		}
	}
	return slices.Sorted(maps.Keys(fields))
}
