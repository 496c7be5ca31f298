// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
)

// Unschedulable says why none of the nodes can ever run such a pod, "" if one could:
// because of its node selector or affinity, a taint, or a request larger than a node.
// What goes away by itself does not count: other pods, and taints that Kubernetes sets
// and removes. Nothing is known about a cluster without nodes.
func Unschedulable(pod core.PodSpec, nodes []core.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	matching := Matching(pod, nodes)
	if len(matching) == 0 {
		return "no node has the labels that its node selector or affinity asks for"
	}
	var taint *core.Taint
	open := slices.DeleteFunc(matching, func(node core.Node) bool {
		found, repelled := UntoleratedTaint(pod, lasting(node.Spec.Taints))
		if repelled {
			taint = found
		}
		return repelled
	})
	if len(open) == 0 {
		return "it does not tolerate the taint " + taint.ToString() + " of the nodes that it may run on"
	}
	return oversized(pod, open)
}

// Matching returns the nodes that a pod's node selector and required node affinity
// allow. Ones that cannot be parsed allow any: the API server says what is wrong
// with them.
func Matching(pod core.PodSpec, nodes []core.Node) []core.Node {
	required := nodeaffinity.NewRequiredNodeAffinity(pod.NodeSelector, pod.Affinity)
	return slices.DeleteFunc(slices.Clone(nodes), func(node core.Node) bool {
		matches, err := required.Match(&node)
		return err == nil && !matches
	})
}

// UntoleratedTaint returns the first of the taints that keeps a pod off a node.
func UntoleratedTaint(pod core.PodSpec, taints []core.Taint) (*core.Taint, bool) {
	taint, repelled := corev1.FindMatchingUntoleratedTaint(klog.Background(), taints, pod.Tolerations, func(taint *core.Taint) bool {
		return taint.Effect != core.TaintEffectPreferNoSchedule
	}, false)
	return &taint, repelled
}

// passing are parts of the keys of taints that are set for a state of a node and
// removed after it (kubernetes pkg/controller/nodelifecycle, k8s.io/cloud-provider
// api/well_known_taints.go, kubernetes/autoscaler cluster-autoscaler/utils/taints,
// karpenter pkg/apis/v1/taints.go). Network and storage plug-ins remove one whose
// name ends in agent-not-ready when they are up (cilium, aws-ebs-csi-driver).
var passing = []string{"node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "ToBeDeletedByClusterAutoscaler",
	"DeletionCandidateOfClusterAutoscaler", "-taint.cluster-autoscaler.kubernetes.io/", "karpenter.sh/disrupted", "karpenter.sh/unregistered", "not-ready"}

// lasting are the taints that only somebody's decision removes.
func lasting(taints []core.Taint) []core.Taint {
	return slices.DeleteFunc(slices.Clone(taints), func(taint core.Taint) bool {
		return slices.ContainsFunc(passing, func(part string) bool { return strings.Contains(taint.Key, part) })
	})
}

// sized are the resources of which a node has a known amount. Others come and go with what
// provides them.
var sized = []core.ResourceName{core.ResourceCPU, core.ResourceMemory, core.ResourceEphemeralStorage}

// oversized says that a pod requests more than any of the nodes has for pods at
// all.
func oversized(pod core.PodSpec, nodes []core.Node) string {
	requests := resource.PodRequests(&core.Pod{Spec: pod}, resource.PodResourcesOptions{})
	var asked []string
	for _, name := range sized {
		if quantity := requests[name]; !quantity.IsZero() {
			asked = append(asked, fmt.Sprintf("%s %s", name, quantity.String()))
		}
	}
	holds := func(node core.Node) bool {
		return !slices.ContainsFunc(sized, exceeds(requests, node.Status.Allocatable))
	}
	if len(asked) == 0 || slices.ContainsFunc(nodes, holds) {
		return ""
	}
	return "it asks for " + strings.Join(asked, ", ") + ", which is more than a node that it may run on has in all"
}

// exceeds reports whether more of a resource is requested than exists. Nothing is
// known about a node that does not report it.
func exceeds(asked, have core.ResourceList) func(core.ResourceName) bool {
	return func(name core.ResourceName) bool {
		available, known := have[name]
		want := asked[name]
		return known && want.Cmp(available) > 0
	}
}
