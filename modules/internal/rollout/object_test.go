// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/rollout"
)

func parsed(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	object := &unstructured.Unstructured{}
	require.NoError(t, object.UnmarshalJSON(data))
	return object
}

func TestOf(t *testing.T) {
	cases := map[string]struct {
		reason, object string
		ready          bool
		missing, fails string
	}{
		"config map":                   {"it is ready as soon as it exists", `{kind: ConfigMap, apiVersion: v1}`, true, "", ""},
		"rolled out":                   {"all of the new template", `{kind: Deployment, apiVersion: apps/v1, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}`, true, "", ""},
		"not seen":                     {"the status is about the old template", `{kind: Deployment, apiVersion: apps/v1, metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}`, false, "its controller has not seen the change", ""},
		"one replica":                  {"replicas is 1 when it is not set", `{kind: Deployment, apiVersion: apps/v1, spec: {}, status: {}}`, false, "0/1 updated", ""},
		"old ones left":                {"old pods still serve", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 2, updatedReplicas: 1, availableReplicas: 2}}`, false, "1 old replicas are pending termination", ""},
		"not available":                {"started, not ready", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 2, availableReplicas: 1}}`, false, "1/2 available", ""},
		"installed":                    {"nothing older serves, and ready pods take requests", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "1"}}, spec: {replicas: 2, minReadySeconds: 10}, status: {replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 0}}`, true, "", ""},
		"installed, not ready":         {"one pod does not take requests yet", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "1"}}, spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1}}`, false, "1/2 ready", ""},
		"installed, then scaled":       {"the third is of the same template", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "1"}}, spec: {replicas: 3, minReadySeconds: 10}, status: {replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 2}}`, true, "", ""},
		"installed, not made":          {"the annotation comes before the pods", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "1"}}, spec: {replicas: 1}, status: {}}`, false, "0/1 updated", ""},
		"upgraded":                     {"a new pod may fail in its first seconds", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "2"}}, spec: {replicas: 1, minReadySeconds: 10}, status: {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 0}}`, false, "0/1 available", ""},
		"upgraded, by Recreate":        {"so may one that replaced nothing that still serves", `{kind: Deployment, apiVersion: apps/v1, metadata: {annotations: {deployment.kubernetes.io/revision: "12"}}, spec: {replicas: 1, minReadySeconds: 10, strategy: {type: Recreate}}, status: {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 0}}`, false, "0/1 available", ""},
		"stuck":                        {"the controller gave up", `{kind: Deployment, apiVersion: apps/v1, spec: {}, status: {conditions: [{type: Progressing, status: "False", message: no progress in 600 s}]}}`, false, "no progress in 600 s", ""},
		"not fewer yet":                {"the controller has observed it, its ReplicaSet has not", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 0}, status: {replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`, false, "1 surplus replicas are pending termination", ""},
		"scaled to nothing":            {"no pods are wanted", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 0}, status: {}}`, true, "", ""},
		"stateful":                     {"one after the other", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 3}, status: {readyReplicas: 1}}`, false, "1/3 ready", ""},
		"stateful, fewer":              {"the last one is still terminating", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 2, readyReplicas: 2, updatedReplicas: 2}}`, false, "1 surplus replicas are pending termination", ""},
		"stateful on delete":           {"the user replaces the pods", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 1, updateStrategy: {type: OnDelete}}, status: {readyReplicas: 1}}`, true, "", ""},
		"stateful, half of it":         {"pods below the partition keep their template", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}}, status: {replicas: 3, readyReplicas: 3, updatedReplicas: 1}}`, true, "", ""},
		"stateful, not yet":            {"the one above it is old", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}}, status: {replicas: 3, readyReplicas: 3, updatedReplicas: 1}}`, false, "1/2 updated", ""},
		"stateful, none of it":         {"a partition beyond all pods", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 1, updateStrategy: {rollingUpdate: {partition: 9}}}, status: {replicas: 1, readyReplicas: 1}}`, true, "", ""},
		"daemon on delete":             {"the user replaces the pods", `{kind: DaemonSet, apiVersion: apps/v1, spec: {updateStrategy: {type: OnDelete}}, status: {desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3}}`, true, "", ""},
		"daemon, on delete, not ready": {"one pod does not work", `{kind: DaemonSet, apiVersion: apps/v1, spec: {updateStrategy: {type: OnDelete}}, status: {desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 2}}`, false, "2/3 available", ""},
		"pod succeeded":                {"it has succeeded, and never becomes ready", `{kind: Pod, apiVersion: v1, status: {phase: Succeeded, conditions: [{type: Ready, status: "False", reason: PodCompleted}]}}`, true, "", ""},
		"pod failed":                   {"waiting is pointless", `{kind: Pod, apiVersion: v1, status: {phase: Failed, reason: Evicted, message: the node was low on memory}}`, false, "", "it has failed: the node was low on memory"},
		"claim lost":                   {"its volume is gone", `{kind: PersistentVolumeClaim, apiVersion: v1, status: {phase: Lost}}`, false, "", "its volume is lost"},
		"claim pending":                {"the storage class may wait for the first pod", `{kind: PersistentVolumeClaim, apiVersion: v1, status: {phase: Pending}}`, true, "", ""},
		"job of a success policy":      {"complete before all have succeeded", `{kind: Job, apiVersion: batch/v1, spec: {completions: 3}, status: {succeeded: 1, conditions: [{type: Complete, status: "True"}]}}`, true, "", ""},
		"daemon":                       {"on each node", `{kind: DaemonSet, apiVersion: apps/v1, status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2}}`, false, "2/3 available", ""},
		"job runs":                     {"not finished", `{kind: Job, apiVersion: batch/v1, status: {active: 1}}`, false, "not Complete", ""},
		"job complete":                 {"complete", `{kind: Job, apiVersion: batch/v1, status: {conditions: [{type: Complete, status: "True"}]}}`, true, "", ""},
		"job failed":                   {"waiting is pointless", `{kind: Job, apiVersion: batch/v1, status: {conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded}]}}`, false, "", "it has failed: BackoffLimitExceeded"},
		"namespace terminating":        {"it is terminating", `{kind: Namespace, apiVersion: v1, status: {phase: Terminating}}`, false, `phase "Terminating"`, ""},
		"new kind":                     {"the API serves it a moment later", `{kind: CustomResourceDefinition, apiVersion: apiextensions.k8s.io/v1, status: {}}`, false, "not Established", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			status := rollout.Of(parsed(t, test.object))
			require.Equal(t, test.ready, status.Done(), test.reason)
			err := status.Err("wait")
			if test.fails != "" {
				require.Equal(t, rollout.Failed, status.State, test.reason)
				require.EqualError(t, err, "wait: "+test.fails)
				require.Equal(t, fault.Rejected, fault.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.missing, status.String(), test.reason)
		})
	}
	absent := rollout.Of(nil)
	require.Equal(t, rollout.InProgress, absent.State)
	require.NoError(t, absent.Err("wait"))
	require.Equal(t, "does not exist yet", absent.String())
}

func TestHeldObjectsAreReported(t *testing.T) {
	cases := map[string]struct {
		reason, object string
		want           rollout.Status
		fails          string
	}{
		"paused before it began": {"no pod is ever made", `{kind: Deployment, apiVersion: apps/v1, spec: {paused: true}}`,
			rollout.Status{State: rollout.Held, Reason: rollout.Paused}, "wait: it is paused"},
		"paused half way": {"old pods stay", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1, paused: true}, status: {replicas: 2, updatedReplicas: 1, availableReplicas: 2}}`,
			rollout.Status{State: rollout.Held, Reason: rollout.Paused}, "wait: it is paused"},
		"paused, and done": {"there is nothing to roll out", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1, paused: true}, status: {replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`,
			rollout.Status{State: rollout.Done}, ""},
		"paused, and scaled": {"scaling continues", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 3, paused: true}, status: {replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`,
			rollout.Status{State: rollout.InProgress, Reason: rollout.Outdated, Have: 1, Want: 3}, ""},
		"paused, and not seen": {"the controller may come", `{kind: Deployment, apiVersion: apps/v1, metadata: {generation: 2}, spec: {paused: true}, status: {observedGeneration: 1}}`,
			rollout.Status{State: rollout.InProgress, Reason: rollout.Unobserved}, ""},
		"a suspended Job": {"no pod is made", `{kind: Job, apiVersion: batch/v1, spec: {suspend: true}}`,
			rollout.Status{State: rollout.Held, Reason: rollout.Suspended}, "wait: it is suspended"},
		"suspended, and complete": {"it has finished", `{kind: Job, apiVersion: batch/v1, spec: {suspend: true}, status: {conditions: [{type: Complete, status: "True"}]}}`,
			rollout.Status{State: rollout.Done}, ""},
		"no object of its kind": {"reported, not guessed", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: many}}`,
			rollout.Status{State: rollout.InProgress, Reason: rollout.Unmet, Message: "it does not match its kind: unrecognized type: int32"}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			object := parsed(t, test.object)
			status := rollout.Of(object)
			require.Equal(t, test.want, status, test.reason)
			require.Equal(t, test.want.State == rollout.Held, rollout.Holds(object))
			err := status.Err("wait")
			if test.fails == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.fails)
			require.Equal(t, fault.Conflict, fault.KindOf(err))
			require.NotEmpty(t, fault.HintOf(err))
		})
	}
}
