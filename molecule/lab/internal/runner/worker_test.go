// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
)

func TestPauseBefore(t *testing.T) {
	want := map[int32]time.Duration{
		1: 0, 2: 10 * time.Second, 3: 20 * time.Second, 4: 40 * time.Second, 6: 160 * time.Second, 7: 5 * time.Minute, 50: 5 * time.Minute,
	}
	for restart, pause := range want {
		require.Equal(t, pause, pauseBefore(restart), "restart %d", restart)
	}
}

func TestWithError(t *testing.T) {
	require.Equal(t, "Upgrading helm chart", withError([]string{"Upgrading helm chart"}, nil))
	require.Equal(t, "Upgrading helm chart\nError: no", withError([]string{"Upgrading helm chart"}, errors.New("no")))
}

func TestRestartsOf(t *testing.T) {
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	require.Equal(t, int32(0), restartsOf(podWith()), "a fresh pod")
	require.Equal(t, int32(3), restartsOf(podWith(corev1.ContainerStatus{RestartCount: 3})), "a pod that waits for its next attempt")
	require.Equal(t, int32(4), restartsOf(podWith(corev1.ContainerStatus{RestartCount: 3, State: running})), "the runner was stopped meanwhile")
}

func TestLongMessagesKeepTheirEnd(t *testing.T) {
	state := outcome{message: strings.Repeat("x", 5000) + "the cause", failed: true}.terminated()
	require.Len(t, state.Message, 4096)
	require.True(t, strings.HasSuffix(state.Message, "the cause"))
	require.Equal(t, int32(1), state.ExitCode)
}

// A pod whose container definition cannot be read fails for good when its Job forbids restarts, and waits otherwise.
func TestRestartPolicy(t *testing.T) {
	cases := map[corev1.RestartPolicy]struct {
		reason string
		phase  corev1.PodPhase
		wait   string
	}{
		corev1.RestartPolicyNever:     {reason: "the pod is the only attempt", phase: corev1.PodFailed},
		corev1.RestartPolicyOnFailure: {reason: "what the controller requests", phase: corev1.PodRunning, wait: "CrashLoopBackOff"},
	}
	for policy, c := range cases {
		t.Run(string(policy), func(t *testing.T) {
			pod := podWith()
			pod.Spec.RestartPolicy = policy
			pod.Spec.Containers[0].Args = []string{"template"}
			client := fake.NewClientset(pod)
			runner := &Runner{client: client, rest: &rest.Config{Host: "https://127.0.0.1:6443"}, log: slog.New(slog.DiscardHandler), workers: map[types.UID]*worker{}}
			runner.consider(t.Context(), pod)
			require.Eventually(t, func() bool {
				now, err := client.CoreV1().Pods("kube-system").Get(t.Context(), pod.Name, metav1.GetOptions{})
				require.NoError(t, err)
				return now.Status.Phase == c.phase && reasonOf(now) == c.wait && strings.Contains(lastMessage(now), "unknown command")
			}, time.Minute, 10*time.Millisecond, c.reason)
			runner.abandon(pod)
		})
	}
}

func TestConsiderLeavesOthersAlone(t *testing.T) {
	unscheduled, done := podWith(), podWith()
	unscheduled.Spec.NodeName, unscheduled.UID = "", "1"
	done.Status.Phase, done.UID = corev1.PodSucceeded, "2"
	runner := &Runner{client: fake.NewClientset(), log: slog.New(slog.DiscardHandler), workers: map[types.UID]*worker{}}
	runner.consider(t.Context(), unscheduled)
	runner.consider(t.Context(), done)
	require.Empty(t, runner.workers)
}

func podWith(statuses ...corev1.ContainerStatus) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "helm-install-traefik-x", Namespace: "kube-system", UID: "uid"},
		Spec:       corev1.PodSpec{NodeName: "pi1", Containers: []corev1.Container{{Name: "helm", Image: "rancher/klipper-helm"}}},
		Status:     corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: statuses},
	}
}

func reasonOf(pod *corev1.Pod) string {
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Waiting != nil {
			return status.State.Waiting.Reason
		}
	}
	return ""
}

func lastMessage(pod *corev1.Pod) string {
	for _, status := range pod.Status.ContainerStatuses {
		for _, state := range []corev1.ContainerState{status.State, status.LastTerminationState} {
			if state.Terminated != nil {
				return state.Terminated.Message
			}
		}
	}
	return ""
}
