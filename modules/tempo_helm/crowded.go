// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

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

// crew are the pods of one workload of the rendered manifest.
type crew struct {
	path   string
	object helm.Object
	pods   int64
	// template is what they are made from.
	template core.PodTemplateSpec
	// strategy is that of a Deployment.
	strategy apps.DeploymentStrategy
}

// crews are read from what the chart renders to, since affinity may come from
// values, from a template, or from both.
func (t Target) crews(namespace string) []crew { return crewsOf(t.Manifest, namespace) }

func crewsOf(manifest, namespace string) []crew {
	objects, _ := helm.Objects(manifest, namespace) // Helm has parsed it already
	var all []crew
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
		all = append(all, crew{object.Path(), object, pods, workload.Spec.Template, workload.Spec.Strategy})
	}
	return all
}

// crowded refuses more pods of a workload than there are nodes for them where
// the chart lets no two share a node: the rest would stay Pending for ever.
func crowded(have State) error {
	if len(have.Nodes) == 0 {
		return nil
	}
	for _, crew := range have.Target.crews(have.args.Namespace) {
		nodes := int64(len(crew.nodes(have.Nodes)))
		switch {
		case crew.pods == 0:
		case nodes == 0:
			return fault.New(fault.Unsupported, "correct node_selector and tolerations; kubectl get nodes --show-labels shows the labels",
				"no node fits %s: its pods would stay Pending for ever", crew.path)
		case crew.pods > nodes && crew.apart():
			return fault.New(fault.Unsupported, "set replicas to the number of nodes or less, or another affinity in values",
				"%d pods of %s, of which no two may share a node, do not fit on %d nodes: the rest would stay Pending for ever", crew.pods, crew.path, nodes)
		}
	}
	for _, crew := range have.stalled() {
		if crew.pods > 1 {
			return fault.New(fault.Unsupported, "set replicas to less than the number of nodes for this upgrade, or a strategy in values where the chart knows one",
				"the update of %s would never end: %s", crew.path, noRoom)
		}
	}
	return nil
}

// apart reports whether no two of the pods may share a node.
func (c crew) apart() bool { return forbids(c.template.Spec, c.template.Labels) }

// forbids reports whether a pod lets no pod with these labels onto its node.
func forbids(pod core.PodSpec, others map[string]string) bool {
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
func (c crew) nodes(all []core.Node) []core.Node {
	selector := labels.SelectorFromSet(c.template.Spec.NodeSelector)
	return slices.DeleteFunc(slices.Clone(all), func(node core.Node) bool {
		return node.Spec.Unschedulable || !selector.Matches(labels.Set(node.Labels)) || slices.ContainsFunc(node.Spec.Taints, c.repelled)
	})
}

// repelled reports whether a taint keeps the pods off a node.
func (c crew) repelled(taint core.Taint) bool {
	if taint.Effect == core.TaintEffectPreferNoSchedule {
		return false
	}
	return !slices.ContainsFunc(c.template.Spec.Tolerations, func(t core.Toleration) bool {
		return t.ToleratesTaint(klog.Background(), &taint, false)
	})
}

// nodesFor are the nodes for a component of Tempo.
func (s State) nodesFor(component string) []core.Node {
	for _, crew := range s.Target.crews(s.args.Namespace) {
		if crew.template.Labels[kube.ComponentLabel] == component {
			return crew.nodes(s.Nodes)
		}
	}
	return nil
}
