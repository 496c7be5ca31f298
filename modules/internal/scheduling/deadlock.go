// SPDX-License-Identifier: AGPL-3.0-or-later

package scheduling

import (
	"reflect"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/picluster/tracing/modules/internal/helm"
)

// Update takes a release from one manifest to another.
type Update struct {
	Before, After []PodSet
	// Live are the Deployments of the release as they are.
	Live []apps.Deployment
	// Nodes are those of the cluster, Pods those of the release.
	Nodes []core.Node
	Pods  []core.Pod
}

// Deadlock is why an update would never end. The distributor of chart 0.27.9 is
// the example: its values have no place for another strategy.
const Deadlock = "no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already"

// Deadlocks are the Deployments whose update would wait forever for a node on
// which a new pod may run beside the old ones.
func (u Update) Deadlocks() []PodSet {
	before := map[string]PodSet{}
	for _, set := range u.Before {
		before[set.Path()] = set
	}
	return slices.DeleteFunc(slices.Clone(u.After), func(p PodSet) bool {
		was, ok := before[p.Path()]
		changes := ok && !reflect.DeepEqual(was.Template, p.Template) || u.halfDone(p.Path())
		return p.Kind != "Deployment" || !changes || !u.full(p)
	})
}

// halfDone reports whether pods of an older template are left of a Deployment,
// as when its update deadlocked before.
func (u Update) halfDone(path string) bool {
	return slices.ContainsFunc(u.Live, func(d apps.Deployment) bool {
		return helm.Object{Kind: "Deployment", Name: d.Name}.Path() == path && d.Status.Replicas > d.Status.UpdatedReplicas
	})
}

// full reports whether each node for the pods has one beside which a new one may
// not run, and will have it until a new one is ready.
func (u Update) full(p PodSet) bool {
	nodes := p.Nodes(u.Nodes)
	taken := int64(0)
	for _, node := range nodes {
		if slices.ContainsFunc(u.Pods, func(pod core.Pod) bool { return pod.Spec.NodeName == node.Name && p.avoids(pod) }) {
			taken++
		}
	}
	return taken > 0 && min(taken, p.Pods-p.stops()) >= int64(len(nodes))
}

// avoids reports whether a new pod of the set may not share a node with a pod:
// either of the two may forbid it.
func (p PodSet) avoids(pod core.Pod) bool {
	return antiAffine(p.Template.Spec, pod.Labels) || antiAffine(pod.Spec, p.Template.Labels)
}

// stops is how many of its pods the update of a Deployment stops before new ones
// are ready (kubernetes pkg/controller/deployment/util/deployment_util.go,
// ResolveFenceposts; the defaults are those of pkg/apis/apps/v1/defaults.go).
func (p PodSet) stops() int64 {
	if p.Strategy.Type == apps.RecreateDeploymentStrategyType {
		return p.Pods
	}
	surge, unavailable := "25%", "25%"
	if rolling := p.Strategy.RollingUpdate; rolling != nil {
		surge, unavailable = orDefault(rolling.MaxSurge, surge), orDefault(rolling.MaxUnavailable, unavailable)
	}
	stopped := scaled(unavailable, p.Pods, false)
	if stopped == 0 && scaled(surge, p.Pods, true) == 0 {
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
