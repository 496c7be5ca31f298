// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"reflect"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/picluster/tracing/modules/internal/helm"
)

// noRoom is why an update would never end. The distributor of chart 0.27.9 is
// the example: its values have no place for another strategy.
const noRoom = "no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already"

// stalled are the Deployments whose update would wait for ever for a node on
// which a new pod may run beside the old ones.
func (s State) stalled() []crew {
	before := map[string]crew{}
	for _, crew := range crewsOf(s.Release.Manifest, s.args.Namespace) {
		before[crew.path] = crew
	}
	return slices.DeleteFunc(s.Target.crews(s.args.Namespace), func(c crew) bool {
		was, is := before[c.path]
		changes := is && !reflect.DeepEqual(was.template, c.template) || s.halfUpdated(c.path)
		return c.object.Kind != "Deployment" || !changes || !s.full(c)
	})
}

// halfUpdated reports whether pods of an older template are left of a Deployment,
// as when its update stalled before.
func (s State) halfUpdated(path string) bool {
	return slices.ContainsFunc(s.Live.Deployments, func(d apps.Deployment) bool {
		return helm.Object{Kind: "Deployment", Name: d.Name}.Path() == path && d.Status.Replicas > d.Status.UpdatedReplicas
	})
}

// full reports whether each node for the pods has one beside which a new one may
// not run, and will have it until a new one is ready.
func (s State) full(c crew) bool {
	nodes := c.nodes(s.Nodes)
	taken := int64(0)
	for _, node := range nodes {
		if slices.ContainsFunc(s.Pods, func(pod core.Pod) bool { return pod.Spec.NodeName == node.Name && c.avoids(pod) }) {
			taken++
		}
	}
	return taken > 0 && min(taken, c.pods-c.stops()) >= int64(len(nodes))
}

// avoids reports whether a new pod of the crew may not share a node with a pod:
// either of the two may forbid it.
func (c crew) avoids(pod core.Pod) bool {
	return forbids(c.template.Spec, pod.Labels) || forbids(pod.Spec, c.template.Labels)
}

// stops is how many of its pods the update of a Deployment stops before new ones
// are ready (kubernetes pkg/controller/deployment/util/deployment_util.go,
// ResolveFenceposts; the defaults are those of pkg/apis/apps/v1/defaults.go).
func (c crew) stops() int64 {
	if c.strategy.Type == apps.RecreateDeploymentStrategyType {
		return c.pods
	}
	surge, unavailable := "25%", "25%"
	if rolling := c.strategy.RollingUpdate; rolling != nil {
		surge, unavailable = orDefault(rolling.MaxSurge, surge), orDefault(rolling.MaxUnavailable, unavailable)
	}
	stopped := scaled(unavailable, c.pods, false)
	if stopped == 0 && scaled(surge, c.pods, true) == 0 {
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
