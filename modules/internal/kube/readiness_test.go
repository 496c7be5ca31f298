// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/kube"
)

func TestReady(t *testing.T) {
	cases := map[string]struct {
		reason, object string
		ready          bool
		missing, fails string
	}{
		"config map":         {"ready by being there", `{kind: ConfigMap, apiVersion: v1}`, true, "", ""},
		"rolled out":         {"all of the new template", `{kind: Deployment, apiVersion: apps/v1, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}`, true, "", ""},
		"not seen":           {"the status is about the old template", `{kind: Deployment, apiVersion: apps/v1, metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}`, false, "its controller has not seen the change", ""},
		"one replica":        {"replicas is 1 when it is not set", `{kind: Deployment, apiVersion: apps/v1, spec: {}, status: {}}`, false, "0/1 updated", ""},
		"old ones left":      {"the old still serve", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 2, updatedReplicas: 1, availableReplicas: 2}}`, false, "1 old replicas still end", ""},
		"not available":      {"started, not ready", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 2, availableReplicas: 1}}`, false, "1/2 available", ""},
		"stuck":              {"the controller gave up", `{kind: Deployment, apiVersion: apps/v1, spec: {}, status: {conditions: [{type: Progressing, status: "False", message: no progress in 600 s}]}}`, false, "no progress in 600 s", ""},
		"not fewer yet":      {"the controller has seen it, its ReplicaSet has not", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 0}, status: {replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`, false, "1 replicas too many still end", ""},
		"scaled to nothing":  {"none is wanted", `{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 0}, status: {}}`, true, "", ""},
		"stateful":           {"one after the other", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 3}, status: {readyReplicas: 1}}`, false, "1/3 ready", ""},
		"stateful, fewer":    {"the last one still ends", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 2, readyReplicas: 2, updatedReplicas: 2}}`, false, "1 replicas too many still end", ""},
		"stateful on delete": {"the user replaces the pods", `{kind: StatefulSet, apiVersion: apps/v1, spec: {replicas: 1, updateStrategy: {type: OnDelete}}, status: {readyReplicas: 1}}`, true, "", ""},
		"daemon":             {"on each node", `{kind: DaemonSet, apiVersion: apps/v1, status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2}}`, false, "2/3 available", ""},
		"job runs":           {"not over", `{kind: Job, apiVersion: batch/v1, status: {active: 1}}`, false, "not Complete", ""},
		"job over":           {"complete", `{kind: Job, apiVersion: batch/v1, status: {conditions: [{type: Complete, status: "True"}]}}`, true, "", ""},
		"job failed":         {"waiting is in vain", `{kind: Job, apiVersion: batch/v1, status: {conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded}]}}`, false, "", "it has failed: BackoffLimitExceeded"},
		"namespace ends":     {"from an earlier removal", `{kind: Namespace, apiVersion: v1, status: {phase: Terminating}}`, false, `phase "Terminating"`, ""},
		"new kind":           {"served a moment later", `{kind: CustomResourceDefinition, apiVersion: apiextensions.k8s.io/v1, status: {}}`, false, "not Established", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			ready, missing, err := kube.Ready(parsed(t, test.object))
			require.Equal(t, test.ready, ready, test.reason)
			if test.fails != "" {
				require.EqualError(t, err, test.fails)
				return
			}
			require.NoError(t, err)
			if !test.ready {
				require.Equal(t, test.missing, missing, test.reason)
			}
		})
	}
	ready, missing, err := kube.Ready(nil)
	require.False(t, ready)
	require.NoError(t, err)
	require.Equal(t, "not there yet", missing)
}
