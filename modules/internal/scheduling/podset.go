// SPDX-License-Identifier: AGPL-3.0-or-later

// Package scheduling predicts from manifests, nodes and pods whether the pods of a
// workload can be scheduled, and whether its rolling update can finish. It sends no
// requests.
package scheduling

import (
	"encoding/json"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// PodSet are the pods of one Deployment or StatefulSet of a manifest.
type PodSet struct {
	// Object is the workload itself.
	helm.Object
	// Pods is how many there should be.
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
		var workload apps.Deployment // what is read of it has the same path in both
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

// antiAffine reports whether a pod keeps pods with these labels off its node.
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
	return slices.DeleteFunc(rollout.Matching(p.Template.Spec, all), func(node core.Node) bool {
		_, repelled := rollout.UntoleratedTaint(p.Template.Spec, node.Spec.Taints)
		return node.Spec.Unschedulable || repelled
	})
}

// Unschedulable says why no node can ever take one of the pods, "" where one could.
func (p PodSet) Unschedulable(all []core.Node) string {
	return rollout.Unschedulable(p.Template.Spec, all)
}
