// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"cmp"
	"context"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Cluster reads workloads and their pods, and deletes pods that block a rollout.
type Cluster struct{ kube.Clients }

// In returns the cluster that these clients reach.
func In(clients kube.Clients) Cluster { return Cluster{clients} }

// Workloads reads the rollout of the Deployments and StatefulSets that match a
// label selector, sorted by path.
func (c Cluster) Workloads(ctx context.Context, namespace, selector string) ([]Workload, error) {
	deployments, sets, err := c.WorkloadObjects(ctx, namespace, selector)
	return WorkloadsOf(deployments, sets), err
}

// WorkloadsOf returns the rollout of these objects, sorted by path.
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

// NotReady returns the workloads that are not done.
func NotReady(workloads []Workload) []Workload {
	return slices.DeleteFunc(slices.Clone(workloads), Workload.Done)
}

func count(workloads []Workload) (ready, wanted int32) {
	for _, workload := range workloads {
		ready, wanted = ready+workload.Ready, wanted+workload.Wanted
	}
	return ready, wanted
}

// podsOf are the pods of a workload.
func (c Cluster) podsOf(ctx context.Context, namespace string, workload Workload) ([]core.Pod, error) {
	pods, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{LabelSelector: meta.FormatLabelSelector(workload.Selector)})
	if err != nil {
		return nil, kube.Fault("list pods of "+workload.Path(), err)
	}
	return pods.Items, nil
}

// running reports whether a pod counts: one that is being deleted does not.
func running(pod core.Pod) bool { return pod.DeletionTimestamp == nil }

// UnreadyPod asks the pods of a workload over HTTP, through the API server's proxy,
// whether they are ready. It returns the answer of the first that is not, or "".
// The error is of kind Denied if the user may not use the proxy, and Unreachable if
// the API server does not reach the pod.
func (c Cluster) UnreadyPod(ctx context.Context, namespace string, workload Workload, port int32, path string) (string, error) {
	pods, err := c.podsOf(ctx, namespace, workload)
	if err != nil {
		return "", err
	}
	for _, pod := range pods {
		if !running(pod) {
			continue
		}
		answer, err := c.AskPod(ctx, namespace, pod.Name, port, path)
		if err != nil || answer != "" {
			return answer, err
		}
	}
	return "", nil
}
