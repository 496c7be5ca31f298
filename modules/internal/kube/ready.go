// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"cmp"
	"context"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WorkloadObjects reads the Deployments and StatefulSets that match a label
// selector.
func (c Clients) WorkloadObjects(ctx context.Context, namespace, selector string) ([]apps.Deployment, []apps.StatefulSet, error) {
	options := meta.ListOptions{LabelSelector: selector}
	deployments, err := c.Apps.Deployments(namespace).List(ctx, options)
	if err != nil {
		return nil, nil, Fault("list Deployments in "+namespace, err)
	}
	sets, err := c.Apps.StatefulSets(namespace).List(ctx, options)
	if err != nil {
		return nil, nil, Fault("list StatefulSets in "+namespace, err)
	}
	return deployments.Items, sets.Items, nil
}

// Workloads reads how far the Deployments and StatefulSets are that match a
// label selector, sorted by path.
func (c Clients) Workloads(ctx context.Context, namespace, selector string) ([]Workload, error) {
	deployments, sets, err := c.WorkloadObjects(ctx, namespace, selector)
	return WorkloadsOf(deployments, sets), err
}

// WorkloadsOf says how far these objects are, sorted by path.
func WorkloadsOf(deployments []apps.Deployment, sets []apps.StatefulSet) []Workload {
	var all []Workload
	for _, deployment := range deployments {
		all = append(all, FromDeployment(deployment))
	}
	for _, set := range sets {
		all = append(all, FromStatefulSet(set))
	}
	slices.SortFunc(all, func(a, b Workload) int { return cmp.Compare(a.Path(), b.Path()) })
	return all
}

// Lagging are the workloads that are not done.
func Lagging(workloads []Workload) []Workload {
	return slices.DeleteFunc(slices.Clone(workloads), Workload.Done)
}

func count(workloads []Workload) (ready, wanted int32) {
	for _, workload := range workloads {
		ready, wanted = ready+workload.Ready, wanted+workload.Wanted
	}
	return ready, wanted
}

// podsOf are the pods of a workload.
func (c Clients) podsOf(ctx context.Context, namespace string, workload Workload) ([]core.Pod, error) {
	pods, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{LabelSelector: meta.FormatLabelSelector(workload.Selector)})
	if err != nil {
		return nil, Fault("list pods of "+workload.Path(), err)
	}
	return pods.Items, nil
}

// running reports whether a pod still counts: one that is being deleted does
// not.
func running(pod core.Pod) bool { return pod.DeletionTimestamp == nil }
