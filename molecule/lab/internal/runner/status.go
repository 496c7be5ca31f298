// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// maxMessage is the API's limit for one container's termination message.
const maxMessage = 4096

// reportPause is the time between two attempts to write the last status.
const reportPause = time.Second

// outcome is one finished attempt.
type outcome struct {
	started, finished time.Time
	restarts          int32
	message           string
	failed            bool
}

func (o outcome) terminated() *corev1.ContainerStateTerminated {
	state := &corev1.ContainerStateTerminated{
		ExitCode: 0, Reason: "Completed", Message: o.message,
		StartedAt: metav1.NewTime(o.started), FinishedAt: metav1.NewTime(o.finished),
	}
	if len(state.Message) > maxMessage {
		state.Message = state.Message[len(state.Message)-maxMessage:]
	}
	if o.failed {
		state.ExitCode, state.Reason = 1, "Error"
	}
	return state
}

func creating(pod *corev1.Pod) corev1.PodStatus {
	waiting := &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	return status(pod, corev1.PodPending, false, corev1.ContainerStatus{State: corev1.ContainerState{Waiting: waiting}})
}

func running(pod *corev1.Pod, restarts int32, started time.Time) corev1.PodStatus {
	state := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(started)}}
	return status(pod, corev1.PodRunning, true, corev1.ContainerStatus{State: state, RestartCount: restarts, Ready: true})
}

// ended is the last status of a pod.
func ended(pod *corev1.Pod, end outcome) corev1.PodStatus {
	phase := corev1.PodSucceeded
	if end.failed {
		phase = corev1.PodFailed
	}
	state := corev1.ContainerState{Terminated: end.terminated()}
	return status(pod, phase, false, corev1.ContainerStatus{State: state, RestartCount: end.restarts})
}

// backingOff is a pod between two attempts; the one before is its last state.
func backingOff(pod *corev1.Pod, end outcome) corev1.PodStatus {
	return status(pod, corev1.PodRunning, false, corev1.ContainerStatus{
		State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: corev1.ContainerState{Terminated: end.terminated()},
		RestartCount:         end.restarts,
	})
}

func status(pod *corev1.Pod, phase corev1.PodPhase, ready bool, container corev1.ContainerStatus) corev1.PodStatus {
	spec := pod.Spec.Containers[0]
	container.Name, container.Image, container.Started = spec.Name, spec.Image, &ready
	start := pod.Status.StartTime
	if start == nil {
		start = &metav1.Time{Time: time.Now()}
	}
	return corev1.PodStatus{
		Phase: phase, StartTime: start, ContainerStatuses: []corev1.ContainerStatus{container},
		Conditions: []corev1.PodCondition{
			condition(corev1.PodScheduled, true), condition(corev1.PodInitialized, true),
			condition(corev1.PodReady, ready), condition(corev1.ContainersReady, ready),
		},
	}
}

func condition(kind corev1.PodConditionType, holds bool) corev1.PodCondition {
	value := corev1.ConditionFalse
	if holds {
		value = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: kind, Status: value, LastTransitionTime: metav1.Now()}
}

// report writes the status.
func (w *worker) report(ctx context.Context, status corev1.PodStatus) error {
	w.pod.Status.StartTime = status.StartTime
	patch, err := json.Marshal(map[string]any{"status": status})
	if err == nil {
		_, err = w.runner.client.CoreV1().Pods(w.pod.Namespace).
			Patch(ctx, w.pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	}
	if err != nil && !w.isLeaving() {
		w.runner.log.Warn("report the pod's status", "pod", w.pod.Name, "cause", err)
	}
	return err
}

// finish writes the last status and retries while the API server is unavailable: nobody else would end the Job.
func (w *worker) finish(ctx context.Context, status corev1.PodStatus) {
	for {
		err := w.report(ctx, status)
		if err == nil || apierrors.IsNotFound(err) || !w.rest(ctx, reportPause) {
			return
		}
	}
}
