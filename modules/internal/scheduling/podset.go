// SPDX-License-Identifier: AGPL-3.0-or-later

// Package scheduling tells from manifests, nodes and pods whether the pods of a
// workload find nodes, and whether its update can end. It asks nobody anything.
package scheduling

import (
	"encoding/json"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"

	"github.com/picluster/tracing/modules/internal/helm"
)

// PodSet are the pods of one Deployment or StatefulSet of a manifest.
type PodSet struct {
	// Object is the workload itself.
	helm.Object
	// Pods is how many there are to be.
	Pods int64
	// Template is what they are made from.
	Template core.PodTemplateSpec
	// Strategy is that of a Deployment.
	Strategy apps.DeploymentStrategy
}

// PodSets are read from what a chart renders to, since affinity may come from
// values, from a template, or from both.
func PodSets(objects []helm.Object) []PodSet {
	var all []PodSet
	for _, object := range objects {
		if object.Kind != "Deployment" && object.Kind != "StatefulSet" {
			continue
		}
		var workload apps.Deployment // what is read of it stands at the same places in both
		data, err := json.Marshal(object.Content)
		if err != nil || json.Unmarshal(data, &workload) != nil {
			continue
		}
		pods := int64(1)
		if workload.Spec.Replicas != nil {
			pods = int64(*workload.Spec.Replicas)
		}
		all = append(all, PodSet{object, pods, workload.Spec.Template, workload.Spec.Strategy})
	}
	return all
}

// Exclusive reports whether no two of the pods may share a node.
func (p PodSet) Exclusive() bool { return antiAffine(p.Template.Spec, p.Template.Labels) }

// antiAffine reports whether a pod lets no pod with these labels onto its node.
func antiAffine(pod core.PodSpec, others map[string]string) bool {
	affinity := pod.Affinity
	if affinity == nil || affinity.PodAntiAffinity == nil {
		return false
	}
	return slices.ContainsFunc(affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution, func(term core.PodAffinityTerm) bool {
		selector, err := meta.LabelSelectorAsSelector(term.LabelSelector)
		return err == nil && term.TopologyKey == core.LabelHostname && selector.Matches(labels.Set(others))
	})
}

// Nodes are those of all on which the pods may run: node selector, required node
// affinity, taints and cordons are the scheduler's own rules.
func (p PodSet) Nodes(all []core.Node) []core.Node {
	required := nodeaffinity.NewRequiredNodeAffinity(p.Template.Spec.NodeSelector, p.Template.Spec.Affinity)
	return slices.DeleteFunc(slices.Clone(all), func(node core.Node) bool {
		matches, err := required.Match(&node)
		if err != nil {
			matches = true // the API server says what is wrong with it
		}
		return node.Spec.Unschedulable || !matches || p.repelledBy(node.Spec.Taints)
	})
}

// repelledBy reports whether a taint keeps the pods off a node.
func (p PodSet) repelledBy(taints []core.Taint) bool {
	_, untolerated := corev1.FindMatchingUntoleratedTaint(klog.Background(), taints, p.Template.Spec.Tolerations, func(taint *core.Taint) bool {
		return taint.Effect != core.TaintEffectPreferNoSchedule
	}, false)
	return untolerated
}
