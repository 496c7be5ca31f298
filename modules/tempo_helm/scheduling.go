// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"encoding/json"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// podSet are the pods of one workload of a manifest.
type podSet struct {
	path   string
	object helm.Object
	pods   int64
	// template is what they are made from.
	template core.PodTemplateSpec
	// strategy is that of a Deployment.
	strategy apps.DeploymentStrategy
}

// podSets are read from what the chart renders to, since affinity may come from
// values, from a template, or from both.
func podSets(objects []helm.Object) []podSet {
	var all []podSet
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
		all = append(all, podSet{object.Path(), object, pods, workload.Spec.Template, workload.Spec.Strategy})
	}
	return all
}

// validateScheduling refuses more pods of a workload than there are nodes for them
// where the chart lets no two share a node: the rest would stay Pending forever.
func (s Status) validateScheduling() error {
	if len(s.Nodes) == 0 {
		return nil
	}
	for _, set := range podSets(s.Proposal.Objects) {
		nodes := int64(len(set.nodes(s.Nodes)))
		switch {
		case set.pods == 0:
		case nodes == 0:
			return fault.New(fault.Unsupported, "correct node_selector and tolerations; kubectl get nodes --show-labels shows the labels",
				"no node fits %s: its pods would stay Pending for ever", set.path)
		case set.pods > nodes && set.exclusive():
			return fault.New(fault.Unsupported, "set replicas to the number of nodes or less, or another affinity in values",
				"%d pods of %s, of which no two may share a node, do not fit on %d nodes: the rest would stay Pending for ever", set.pods, set.path, nodes)
		}
	}
	for _, set := range s.deadlocks() {
		if set.pods > 1 {
			return fault.New(fault.Unsupported, "set replicas to less than the number of nodes for this upgrade, or a strategy in values where the chart knows one",
				"the update of %s would never end: %s", set.path, unschedulable)
		}
	}
	return nil
}

// exclusive reports whether no two of the pods may share a node.
func (p podSet) exclusive() bool { return antiAffine(p.template.Spec, p.template.Labels) }

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

// nodes are those on which the pods may run.
func (p podSet) nodes(all []core.Node) []core.Node {
	selector := labels.SelectorFromSet(p.template.Spec.NodeSelector)
	return slices.DeleteFunc(slices.Clone(all), func(node core.Node) bool {
		return node.Spec.Unschedulable || !selector.Matches(labels.Set(node.Labels)) || slices.ContainsFunc(node.Spec.Taints, p.untolerated)
	})
}

// untolerated reports whether a taint keeps the pods off a node.
func (p podSet) untolerated(taint core.Taint) bool {
	if taint.Effect == core.TaintEffectPreferNoSchedule {
		return false
	}
	return !slices.ContainsFunc(p.template.Spec.Tolerations, func(t core.Toleration) bool {
		return t.ToleratesTaint(klog.Background(), &taint, false)
	})
}

// nodesFor are the nodes for a component of Tempo.
func (s Status) nodesFor(component string) []core.Node {
	for _, set := range podSets(s.Proposal.Objects) {
		if set.template.Labels[kube.ComponentLabel] == component {
			return set.nodes(s.Nodes)
		}
	}
	return nil
}
