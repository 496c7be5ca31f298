// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestFromStatefulSetCountsNewPods(t *testing.T) {
	status := apps.StatefulSetStatus{Replicas: 1, ReadyReplicas: 1, CurrentRevision: "a", UpdateRevision: "a"}
	require.Equal(t, "0 of 1 pods are new", FromStatefulSet(apps.StatefulSet{Status: status}).Why, "it adopted a pod of another template, which it will replace")
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
		"a DaemonSet that is not seen": {"its status is older than the change", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds, generation: 2}, status: {observedGeneration: 1}}",
			"daemonset/ds", "its change has not been seen yet"},
		"a DaemonSet": {"one pod on each node", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}, status: {desiredNumberScheduled: 5, updatedNumberScheduled: 5, numberAvailable: 4}}",
			"daemonset/ds", "4 of 5 pods are available"},
		"a DaemonSet without nodes": {"nothing is wanted", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}}", "daemonset/ds", ""},
		"a DaemonSet that replaces nothing": {"the user has to delete its pods", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}, spec: {updateStrategy: {type: OnDelete}}, status: {desiredNumberScheduled: 5, updatedNumberScheduled: 1, numberAvailable: 5}}",
			"daemonset/ds", ""},
		"a StatefulSet with a partition": {"pods below it keep their template", "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}}, status: {replicas: 3, readyReplicas: 3, updatedReplicas: 1}}",
			"statefulset/db", ""},
		"a Job that is complete": {"by its success policy", "{apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {completions: 3}, status: {succeeded: 1, conditions: [{type: Complete, status: 'True'}]}}", "job/once", ""},
		"a Job":                  {"its pods have to end", "{apiVersion: batch/v1, kind: Job, metadata: {name: once}}", "job/once", "0 of 1 pods have ended well"},
		"a ConfigMap":            {"it runs no pods", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			object := &unstructured.Unstructured{}
			require.NoError(t, yaml.Unmarshal([]byte(test.object), &object.Object))
			workload, runsPods := FromObject(object)
			require.Equal(t, test.path != "", runsPods, test.reason)
			if runsPods {
				require.Equal(t, test.path, workload.Path())
				require.Equal(t, test.lag, workload.Why, test.reason)
			}
		})
	}
}

// The progress line counts the pods that are waited for.
func TestFromDeploymentCountsAvailablePods(t *testing.T) {
	status := apps.DeploymentStatus{Replicas: 2, UpdatedReplicas: 2, ReadyReplicas: 1}
	installed := FromDeployment(apps.Deployment{ObjectMeta: meta.ObjectMeta{Annotations: map[string]string{revisionAnnotation: "1"}}, Status: status})
	require.Equal(t, int32(1), installed.Ready)
	upgraded := FromDeployment(apps.Deployment{ObjectMeta: meta.ObjectMeta{Annotations: map[string]string{revisionAnnotation: "2"}}, Status: status})
	require.Equal(t, int32(0), upgraded.Ready, "none is available")
}

// Pods that are never created are not looked for.
func TestHeldRolloutEndsTheWait(t *testing.T) {
	suspended := true
	for name, held := range map[string]Workload{
		"deployment/web: it is paused": FromDeployment(apps.Deployment{ObjectMeta: meta.ObjectMeta{Name: "web"}, Spec: apps.DeploymentSpec{Paused: true}}),
		"job/once: it is suspended":    FromJob(batch.Job{ObjectMeta: meta.ObjectMeta{Name: "once"}, Spec: batch.JobSpec{Suspend: &suspended}}),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Cluster{}.Watch().Look(t.Context(), "shop", []Workload{held})
			require.EqualError(t, err, name)
			require.Equal(t, fault.Conflict, fault.KindOf(err))
			_, err = Cluster{}.Watch().Obstacle(t.Context(), "shop", held)
			require.EqualError(t, err, name)
		})
	}
}
