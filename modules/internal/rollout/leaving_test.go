// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestLeaving(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	workloads := []Workload{{Kind: "Deployment", Name: "distributor", Selector: &meta.LabelSelector{MatchLabels: map[string]string{"part": "distributor"}}}}
	ending := func(after time.Duration) func(*core.Pod) {
		return func(pod *core.Pod) { pod.DeletionTimestamp = &meta.Time{Time: now.Add(after)} }
	}
	of := func(part string) func(*core.Pod) {
		return func(pod *core.Pod) { pod.Labels = map[string]string{"part": part} }
	}
	by := func(kind string) func(*core.Pod) {
		yes := true
		return func(pod *core.Pod) { pod.OwnerReferences = []meta.OwnerReference{{Kind: kind, Controller: &yes}} }
	}
	in := func(phase core.PodPhase) func(*core.Pod) { return func(pod *core.Pod) { pod.Status.Phase = phase } }
	cases := map[string]struct {
		reason string
		pod    []func(*core.Pod)
		want   bool
	}{
		"wanted":                  {"its workload exists", []func(*core.Pod){of("distributor"), by("ReplicaSet")}, false},
		"told to end":             {"it has 30 seconds left", []func(*core.Pod){of("distributor"), by("ReplicaSet"), ending(30 * time.Second)}, true},
		"held by a finalizer":     {"its grace period has just ended", []func(*core.Pod){of("querier"), by("ReplicaSet"), ending(-time.Second)}, true},
		"not killed yet":          {"the kubelet is busy", []func(*core.Pod){of("querier"), by("ReplicaSet"), ending(-time.Minute)}, true},
		"on a lost node":          {"nothing ends it", []func(*core.Pod){of("querier"), by("ReplicaSet"), ending(-time.Hour)}, false},
		"its Deployment is gone":  {"the garbage collector has not run yet", []func(*core.Pod){of("querier"), by("ReplicaSet")}, true},
		"its StatefulSet is gone": {"likewise", []func(*core.Pod){of("memcached"), by("StatefulSet")}, true},
		"a test of the chart":     {"it belongs to a Job", []func(*core.Pod){of("test"), by("Job")}, false},
		"the user's own":          {"it has no owner", []func(*core.Pod){of("shell")}, false},
		"evicted":                 {"it has ended, and is kept for inspection", []func(*core.Pod){of("querier"), by("ReplicaSet"), in(core.PodFailed)}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var pod core.Pod
			for _, set := range test.pod {
				set(&pod)
			}
			require.Equal(t, test.want, leaving(pod, workloads, now), test.reason)
		})
	}
}

// A Deployment that was scaled down counts all of its pods as new, and has too
// many until its ReplicaSet follows.
func TestFromDeploymentWithFewerPods(t *testing.T) {
	none := int32(0)
	deployment := apps.Deployment{Spec: apps.DeploymentSpec{Replicas: &none}, Status: apps.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}}
	require.Equal(t, "1 surplus pods are still there", FromDeployment(deployment).Why)
	deployment.Status = apps.DeploymentStatus{}
	require.True(t, FromDeployment(deployment).Done())
}
