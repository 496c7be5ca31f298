// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// PodProblem is why a pod is not ready.
type PodProblem struct {
	// Container is "" if the problem is the whole pod's.
	Container, Reason, Message string
	// Restarts of the container so far.
	Restarts int32
	// Terminal means that waiting longer cannot help.
	Terminal bool
}

// String is short enough for a progress line.
func (p PodProblem) String() string {
	if p.Restarts > 0 {
		return fmt.Sprintf("%s, %d restarts", p.Reason, p.Restarts)
	}
	return p.Reason
}

// maxRestarts is how often a container may crash before waiting is pointless: a
// program that waits for others may need a start or two.
const maxRestarts = 3

// Diagnose returns why a pod is not ready, or nil if it is.
func Diagnose(pod core.Pod) *PodProblem {
	if !running(pod) {
		return nil
	}
	statuses := append(append([]core.ContainerStatus{}, pod.Status.InitContainerStatuses...), pod.Status.ContainerStatuses...)
	for _, status := range statuses {
		if problem := ofContainer(status); problem != nil {
			return problem
		}
	}
	return ofPod(pod)
}

func ofContainer(status core.ContainerStatus) *PodProblem {
	waiting := status.State.Waiting
	if waiting == nil || waiting.Reason == "PodInitializing" {
		return nil
	}
	problem := &PodProblem{Container: status.Name, Reason: waiting.Reason, Message: waiting.Message, Restarts: status.RestartCount}
	if last := status.LastTerminationState.Terminated; last != nil && last.Message != "" {
		problem.Message = last.Message
	}
	switch waiting.Reason {
	case "CrashLoopBackOff":
		problem.Terminal = status.RestartCount >= maxRestarts
	case "InvalidImageName", "CreateContainerConfigError":
		problem.Terminal = !Syncing(*waiting)
	}
	return problem
}

// Syncing reports a container for which the kubelet has not read the Secrets and
// ConfigMaps yet, as on a slow node: it waits for them a second at a time, and tries
// again (kubernetes pkg/kubelet/util/manager/watch_based_manager.go@v1.34.4).
func Syncing(waiting core.ContainerStateWaiting) bool {
	return waiting.Reason == "CreateContainerConfigError" && strings.Contains(waiting.Message, "failed to sync ")
}

// ofPod reads the conditions of a pod none of whose containers is waiting.
func ofPod(pod core.Pod) *PodProblem {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodScheduled && condition.Status == core.ConditionFalse {
			return &PodProblem{Reason: condition.Reason, Message: condition.Message}
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodReady && condition.Status != core.ConditionTrue {
			return &PodProblem{Reason: orElse(condition.Reason, "not ready"), Message: condition.Message}
		}
	}
	if pod.Status.Phase == core.PodPending {
		return &PodProblem{Reason: "Pending"}
	}
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// terminal is the error that ends a wait: the pod, its container, the reason,
// and the last lines of its log.
func (c Cluster) terminal(ctx context.Context, pod core.Pod, problem PodProblem) error {
	text := fmt.Sprintf("pod %s, container %s: %s", pod.Name, problem.Container, problem)
	if problem.Message != "" {
		text += ": " + strings.TrimSpace(problem.Message)
	}
	if lines := c.lastLines(ctx, pod, problem.Container); lines != "" {
		text += "; last lines of its log: " + lines
	}
	return fault.New(fault.Rejected, "the container stops by itself again and again: its log says why", "%s", text)
}

// misconfigured are words in Tempo's log that mean that it cannot start with its
// configuration, so that a restart does not help (grafana/tempo cmd/tempo/main.go
// and cmd/tempo/app/modules.go@v1.5.0; seen with settings of 2.x on 3.x, and with
// a receiver that this Tempo does not have).
var misconfigured = []string{"failed parsing config", "not found in type", "failed to create distributor"}

// isTerminal reports whether waiting for a pod's container is pointless: it has
// crashed too often, or its log says that its configuration is wrong.
func (c Cluster) isTerminal(ctx context.Context, pod core.Pod, problem PodProblem) bool {
	if problem.Terminal || problem.Reason != "CrashLoopBackOff" {
		return problem.Terminal
	}
	return configFault(problem.Message) || configFault(c.lastLines(ctx, pod, problem.Container))
}

func configFault(text string) bool {
	return slices.ContainsFunc(misconfigured, func(sign string) bool { return strings.Contains(text, sign) })
}

// maxLog bounds in bytes what is read of a log, and maxShown what is shown. The first
// is larger by more than a secret: one that is cut at the end of what was read is not
// found, and must not be shown.
const maxLog, maxShown = 64 << 10, 4 << 10

// lastLines is the end of a container's log before it last stopped, or "" if
// there is none.
func (c Cluster) lastLines(ctx context.Context, pod core.Pod, container string) string {
	lines := int64(5)
	for _, previous := range []bool{true, false} {
		options := &core.PodLogOptions{Container: container, Previous: previous, TailLines: &lines}
		stream, err := c.Core.Pods(pod.Namespace).GetLogs(pod.Name, options).Stream(ctx)
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(stream, maxLog))
		_ = stream.Close()
		if err == nil && len(text) > 0 {
			line := strings.Join(strings.Split(strings.TrimSpace(secret.Hide(ctx, string(text))), "\n"), " | ")
			return strings.ToValidUTF8(line[:min(len(line), maxShown)], "")
		}
	}
	return ""
}
