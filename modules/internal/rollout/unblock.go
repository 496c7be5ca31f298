// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"context"
	"strconv"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/wait"
)

// DeleteBlockingPods deletes the pods on which a StatefulSet is stuck: with ordered pods it
// waits until one of an older template is ready before it replaces it, even if that never
// happens (Kubernetes documentation, "StatefulSets", forced rollback).
func (c Cluster) DeleteBlockingPods(ctx context.Context, namespace string, workload Workload) error {
	if workload.ordered == "" || workload.Done() {
		return nil
	}
	pods, err := c.podsOf(ctx, namespace, workload)
	if err != nil {
		return err
	}
	for _, pod := range pods {
		if pod.Labels[apps.ControllerRevisionHashLabelKey] == workload.ordered || workload.leaves(pod) || !hangs(pod) {
			continue
		}
		wait.Report(ctx, "pod %s of an older revision is in the way of its successor: deleting it", pod.Name)
		options := meta.DeleteOptions{Preconditions: &meta.Preconditions{UID: &pod.UID}}
		if err := c.Core.Pods(namespace).Delete(ctx, pod.Name, options); err != nil && !apierrors.IsNotFound(err) {
			return kube.Fault("delete pod "+pod.Name, err)
		}
	}
	return nil
}

// leaves reports whether an update of the workload leaves a pod alone: it would
// be recreated with the same revision.
func (w Workload) leaves(pod core.Pod) bool {
	ordinal, err := strconv.Atoi(pod.Name[strings.LastIndex(pod.Name, "-")+1:])
	return err == nil && ordinal < int(w.replacedFrom)
}

// hangs reports whether a pod is not going to become ready.
func hangs(pod core.Pod) bool {
	problem := Diagnose(pod)
	if problem == nil {
		return false
	}
	switch problem.Reason {
	case core.PodReasonUnschedulable, "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull":
		return true
	}
	return problem.Terminal
}

// orderedRevision is the revision to which a StatefulSet updates its pods one by
// one, or "" if it is not known yet or if pods do not wait for each other.
func orderedRevision(s apps.StatefulSet) string {
	rolling := s.Spec.UpdateStrategy.Type != apps.OnDeleteStatefulSetStrategyType
	if !rolling || s.Spec.PodManagementPolicy == apps.ParallelPodManagement || s.Status.ObservedGeneration < s.Generation {
		return ""
	}
	return s.Status.UpdateRevision
}
