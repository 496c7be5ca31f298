// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"reflect"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/picluster/tracing/modules/internal/helm"
)

// unschedulable is why an update would never end. The distributor of chart 0.27.9 is
// the example: its values have no place for another strategy.
const unschedulable = "no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already"

// deadlocks are the Deployments whose update would wait forever for a node on
// which a new pod may run beside the old ones.
func (s Status) deadlocks() []podSet {
	before := map[string]podSet{}
	for _, set := range podSets(s.Manifests) {
		before[set.path] = set
	}
	return slices.DeleteFunc(podSets(s.Proposal.Objects), func(p podSet) bool {
		was, is := before[p.path]
		changes := is && !reflect.DeepEqual(was.template, p.template) || s.halfUpdated(p.path)
		return p.object.Kind != "Deployment" || !changes || !s.full(p)
	})
}

// halfUpdated reports whether pods of an older template are left of a Deployment,
// as when its update stalled before.
func (s Status) halfUpdated(path string) bool {
	return slices.ContainsFunc(s.Live.Deployments, func(d apps.Deployment) bool {
		return helm.Object{Kind: "Deployment", Name: d.Name}.Path() == path && d.Status.Replicas > d.Status.UpdatedReplicas
	})
}

// full reports whether each node for the pods has one beside which a new one may
// not run, and will have it until a new one is ready.
func (s Status) full(p podSet) bool {
	nodes := p.nodes(s.Nodes)
	taken := int64(0)
	for _, node := range nodes {
		if slices.ContainsFunc(s.Pods, func(pod core.Pod) bool { return pod.Spec.NodeName == node.Name && p.avoids(pod) }) {
			taken++
		}
	}
	return taken > 0 && min(taken, p.pods-p.stops()) >= int64(len(nodes))
}

// avoids reports whether a new pod of the set may not share a node with a pod:
// either of the two may forbid it.
func (p podSet) avoids(pod core.Pod) bool {
	return antiAffine(p.template.Spec, pod.Labels) || antiAffine(pod.Spec, p.template.Labels)
}

// stops is how many of its pods the update of a Deployment stops before new ones
// are ready (kubernetes pkg/controller/deployment/util/deployment_util.go,
// ResolveFenceposts; the defaults are those of pkg/apis/apps/v1/defaults.go).
func (p podSet) stops() int64 {
	if p.strategy.Type == apps.RecreateDeploymentStrategyType {
		return p.pods
	}
	surge, unavailable := "25%", "25%"
	if rolling := p.strategy.RollingUpdate; rolling != nil {
		surge, unavailable = orDefault(rolling.MaxSurge, surge), orDefault(rolling.MaxUnavailable, unavailable)
	}
	stopped := scaled(unavailable, p.pods, false)
	if stopped == 0 && scaled(surge, p.pods, true) == 0 {
		return 1
	}
	return stopped
}

func orDefault(value *intstr.IntOrString, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return value.String()
}

// scaled is a number, or a share of the pods.
func scaled(value string, pods int64, up bool) int64 {
	parsed := intstr.Parse(value)
	n, err := intstr.GetScaledValueFromIntOrPercent(&parsed, int(pods), up)
	if err != nil {
		return 0
	}
	return int64(n)
}
