// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func TestFromStatefulSetCountsNewPods(t *testing.T) {
	status := apps.StatefulSetStatus{Replicas: 1, ReadyReplicas: 1, CurrentRevision: "a", UpdateRevision: "a"}
	require.Equal(t, "0 of 1 pods are new", FromStatefulSet(apps.StatefulSet{Status: status}).Lag, "it took over a pod of another template, which it will replace")
	status.UpdatedReplicas = 1
	require.True(t, FromStatefulSet(apps.StatefulSet{Status: status}).Done())
}

func TestFromObject(t *testing.T) {
	cases := map[string]struct {
		reason string
		object string
		path   string
		lag    string
	}{
		"a Deployment": {"one pod by default", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}", "deployment/web", "0 of 1 pods are new"},
		"a StatefulSet": {"as many as it asks for", "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {replicas: 3}, status: {readyReplicas: 1}}",
			"statefulset/db", "1 of 3 pods are ready"},
		"a DaemonSet that is not seen": {"its status is of the change before", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds, generation: 2}, status: {observedGeneration: 1}}",
			"daemonset/ds", "its change has not been seen yet"},
		"a DaemonSet": {"one pod on each node", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}, status: {desiredNumberScheduled: 5, updatedNumberScheduled: 5, numberAvailable: 4}}",
			"daemonset/ds", "4 of 5 pods are available"},
		"a DaemonSet without nodes": {"nothing is wanted", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}}", "daemonset/ds", ""},
		"a Job":                     {"its pods have to end", "{apiVersion: batch/v1, kind: Job, metadata: {name: once}}", "job/once", "0 of 1 pods have ended well"},
		"a ConfigMap":               {"it runs no pods", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			object := &unstructured.Unstructured{}
			require.NoError(t, yaml.Unmarshal([]byte(test.object), &object.Object))
			workload, runsPods := FromObject(object)
			require.Equal(t, test.path != "", runsPods, test.reason)
			if runsPods {
				require.Equal(t, test.path, workload.Path())
				require.Equal(t, test.lag, workload.Lag, test.reason)
			}
		})
	}
}
