// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"context"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/kube"
)

// LeavingPod returns a pod with these labels that still exists though none of the
// workloads wants it any more, or "": it may serve, and be connected to others,
// until its process ends.
func (c Cluster) LeavingPod(ctx context.Context, namespace, selector string, workloads []Workload) (string, error) {
	pods, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", kube.Fault("list pods in "+namespace, err)
	}
	for _, pod := range pods.Items {
		if leaving(pod, workloads, time.Now()) {
			return pod.Name, nil
		}
	}
	return "", nil
}

// leaving reports whether a pod is terminating, or is about to since its
// workload is gone.
func leaving(pod core.Pod, workloads []Workload, now time.Time) bool {
	if pod.DeletionTimestamp != nil {
		return !overdue(pod, now)
	}
	owner := meta.GetControllerOf(&pod)
	if finished(pod) || owner == nil || !serves(owner.Kind) {
		return false
	}
	for _, workload := range workloads {
		selector, err := meta.LabelSelectorAsSelector(workload.Selector)
		if err == nil && selector.Matches(labels.Set(pod.Labels)) {
			return false
		}
	}
	return true
}

// serves reports whether pods of such an owner serve: those of a Job end by themselves.
func serves(kind string) bool {
	switch kind {
	case "ReplicaSet", "StatefulSet", "DaemonSet":
		return true
	}
	return false
}

// leavingGrace is how long after its grace period a pod counts as leaving. The kubelet
// kills it at that time, which takes a busy machine a while.
const leavingGrace = 2 * time.Minute

// overdue reports a pod that nothing terminates: its node is down, and it stays
// until that is back. Its deletion timestamp is when it should be gone.
func overdue(pod core.Pod, now time.Time) bool {
	return now.Sub(pod.DeletionTimestamp.Time) > leavingGrace
}

func finished(pod core.Pod) bool {
	return pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
}
