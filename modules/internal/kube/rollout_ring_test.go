// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// podIn creates a pod of the StatefulSet tempo, with a status as a kubelet or
// the scheduler would write it.
func podIn(t *testing.T, c cluster, name, revision string, status core.PodStatus) *core.Pod {
	t.Helper()
	yes := true
	made, err := c.Core.Pods(c.namespace).Create(t.Context(), &core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{"app": "tempo", apps.ControllerRevisionHashLabelKey: revision},
			OwnerReferences: []meta.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "tempo", UID: "ring", Controller: &yes}}},
		Spec: core.PodSpec{Containers: []core.Container{{Name: "tempo", Image: "grafana/tempo", Ports: []core.ContainerPort{{Name: "http", ContainerPort: 3200}}}}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	made.Status = status
	made, err = c.Core.Pods(c.namespace).UpdateStatus(t.Context(), made, meta.UpdateOptions{})
	require.NoError(t, err)
	return made
}

// set applies the StatefulSet tempo with a status as its controller would write it.
func set(t *testing.T, c cluster, status apps.StatefulSetStatus) {
	t.Helper()
	c.account(t)
	c.apply(t, c.manifest(t, manifests["StatefulSet"]), "ring")
	data, err := json.Marshal(map[string]any{"status": status})
	require.NoError(t, err)
	_, err = c.Apps.StatefulSets(c.namespace).Patch(t.Context(), "tempo", types.MergePatchType, data, meta.PatchOptions{}, "status")
	require.NoError(t, err)
}

func workloads(t *testing.T, c cluster) []rollout.Workload {
	t.Helper()
	all, err := rollout.In(c.Clients).Workloads(t.Context(), c.namespace, "")
	require.NoError(t, err)
	return all
}

var (
	crashing = core.PodStatus{Phase: core.PodRunning, ContainerStatuses: []core.ContainerStatus{{Name: "tempo", RestartCount: 5,
		State:                core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: core.ContainerState{Terminated: &core.ContainerStateTerminated{Message: "failed parsing config"}}}}}
	creating = core.PodStatus{Phase: core.PodPending, ContainerStatuses: []core.ContainerStatus{{Name: "tempo",
		State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "ContainerCreating"}}}}}
	unplaced = core.PodStatus{Phase: core.PodPending, Conditions: []core.PodCondition{{Type: core.PodScheduled, Status: core.ConditionFalse,
		Reason: core.PodReasonUnschedulable, Message: "0/5 nodes are available"}}}
	well = core.PodStatus{Phase: core.PodRunning, PodIP: "127.0.0.1", Conditions: []core.PodCondition{{Type: core.PodReady, Status: core.ConditionTrue}}}
)

func TestWaitReportsWhatIsMissing(t *testing.T) {
	lagging := apps.StatefulSetStatus{ObservedGeneration: 1, UpdateRevision: "new"}
	cases := map[string]struct {
		reason string
		status apps.StatefulSetStatus
		pods   []core.PodStatus
		done   bool
		state  string
		err    string
	}{
		"done":        {"everything is ready", apps.StatefulSetStatus{ObservedGeneration: 1, Replicas: 1, ReadyReplicas: 1, UpdatedReplicas: 1}, nil, true, "", ""},
		"unseen":      {"no controller has looked yet", apps.StatefulSetStatus{}, nil, false, "0/1 ready: waiting for statefulset/tempo (its change has not been seen yet)", ""},
		"being made":  {"the pod and why", lagging, []core.PodStatus{creating}, false, "0/1 ready: waiting for pod-0 (ContainerCreating)", ""},
		"no node":     {"in the scheduler's words", lagging, []core.PodStatus{unplaced}, false, "0/1 ready: waiting for pod pod-0: 0/5 nodes are available", ""},
		"terminal":    {"a pod that keeps crashing ends the wait", lagging, []core.PodStatus{crashing}, false, "", "pod pod-0, container tempo: CrashLoopBackOff, 5 restarts: failed parsing config"},
		"one of many": {"the one that is not ready", lagging, []core.PodStatus{well, creating}, false, "0/1 ready: waiting for pod-1 (ContainerCreating)", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			set(t, c, test.status)
			for i, status := range test.pods {
				podIn(t, c, "pod-"+string(rune('0'+i)), "new", status)
			}
			done, state, err := rollout.In(c.Clients).Watch().Look(t.Context(), c.namespace, workloads(t, c))
			if test.err != "" {
				requireFault(t, err, fault.Rejected, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.done, done, test.reason)
			require.Equal(t, test.state, state, test.reason)
		})
	}
}

// A controller's error about pods that it cannot create ends the wait once it has
// lasted and the API server still gives it.
func TestPodsThatTheAPIServerRefuses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1, UpdateRevision: "new"})
	quota := c.manifest(t, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: none}, spec: {hard: {pods: '0'}}, status: {hard: {pods: '0'}, used: {pods: '0'}}}")
	c.apply(t, quota, "ring")
	_, err := c.Core.ResourceQuotas(c.namespace).Patch(t.Context(), "none", types.MergePatchType, []byte(`{"status":{"hard":{"pods":"0"},"used":{"pods":"0"}}}`), meta.PatchOptions{}, "status")
	require.NoError(t, err)
	watcher := rollout.In(c.Clients).Watch()
	_, state, err := watcher.Look(t.Context(), c.namespace, workloads(t, c))
	require.NoError(t, err)
	require.Equal(t, "0/1 ready: waiting for statefulset/tempo (0 of 1 pods are ready)", state, "its controller may only be slow")
	require.Eventually(t, func() bool {
		_, _, err = watcher.Look(t.Context(), c.namespace, workloads(t, c))
		return err != nil
	}, 15*time.Second, time.Second)
	requireFault(t, err, fault.Rejected, "exceeded quota: none")
	require.Contains(t, fault.HintOf(err), "raise the namespace's ResourceQuota")
}

func TestObstacleIsReported(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1, UpdateRevision: "new"})
	stuck := podIn(t, c, "pod-0", "new", creating)
	tempo := workloads(t, c)[0]
	text, err := rollout.In(c.Clients).Watch().Obstacle(t.Context(), c.namespace, tempo)
	require.NoError(t, err)
	require.Empty(t, text, "it is still in progress")

	_, err = c.Core.Events(c.namespace).Create(t.Context(), &core.Event{ObjectMeta: meta.ObjectMeta{GenerateName: "e"}, Reason: "FailedMount",
		InvolvedObject: core.ObjectReference{Kind: "Pod", Name: "pod-0", Namespace: c.namespace, UID: stuck.UID}, LastTimestamp: meta.Now(),
		Message: `MountVolume.SetUp failed for volume "keys" : secret "tempo-keys" not found`}, meta.CreateOptions{})
	require.NoError(t, err)
	text, err = rollout.In(c.Clients).Watch().Obstacle(t.Context(), c.namespace, tempo)
	require.NoError(t, err)
	require.Equal(t, `pod pod-0: MountVolume.SetUp failed for volume "keys" : secret "tempo-keys" not found`, text)
	text, err = rollout.In(c.stranger(t).Clients).Watch().Obstacle(t.Context(), c.namespace, tempo)
	require.NoError(t, err)
	require.Empty(t, text, "without permission nothing is reported")
}

// A broken pod of an older revision blocks its successor.
func TestDeleteBlockingPods(t *testing.T) {
	c := newCluster(t)
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1, UpdateRevision: "new"})
	podIn(t, c, "old-hangs", "old", crashing)
	podIn(t, c, "old-starts", "old", creating)
	podIn(t, c, "old-is-well", "old", well)
	podIn(t, c, "new-hangs", "new", crashing)
	requireFault(t, rollout.In(c.stranger(t).Clients).DeleteBlockingPods(t.Context(), c.namespace, workloads(t, c)[0]), fault.Denied, "list pods of statefulset/tempo")
	require.NoError(t, rollout.In(c.Clients).DeleteBlockingPods(t.Context(), c.namespace, workloads(t, c)[0]))
	pods, err := c.Core.Pods(c.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	names := []string{}
	for _, found := range pods.Items {
		names = append(names, found.Name)
	}
	require.ElementsMatch(t, []string{"old-starts", "old-is-well", "new-hangs"}, names)
	require.NoError(t, rollout.In(c.Clients).DeleteBlockingPods(t.Context(), c.namespace, rollout.Workload{}), "a workload without ordered pods is left alone")
}

func TestLeavingPods(t *testing.T) {
	c := newCluster(t)
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1})
	podIn(t, c, "tempo-0", "old", well)
	name, err := rollout.In(c.Clients).LeavingPod(t.Context(), c.namespace, "app=tempo", workloads(t, c))
	require.NoError(t, err)
	require.Empty(t, name, "its StatefulSet needs it")
	name, err = rollout.In(c.Clients).LeavingPod(t.Context(), c.namespace, "app=tempo", nil)
	require.NoError(t, err)
	require.Equal(t, "tempo-0", name, "nothing owns it")
	_, err = rollout.In(c.stranger(t).Clients).LeavingPod(t.Context(), c.namespace, "app=tempo", nil)
	requireFault(t, err, fault.Denied, "list pods in "+c.namespace)
}
