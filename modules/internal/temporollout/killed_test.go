// SPDX-License-Identifier: AGPL-3.0-or-later

package temporollout

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/plan"
)

// ended is a pod of one container whose last end had this reason.
func ended(component, reason, limit string) core.Pod {
	container := core.Container{Name: "tempo"}
	if limit != "" {
		container.Resources.Limits = core.ResourceList{core.ResourceMemory: resource.MustParse(limit)}
	}
	state := core.ContainerStatus{Name: "tempo", RestartCount: 3}
	state.LastTerminationState.Terminated = &core.ContainerStateTerminated{Reason: reason}
	return core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: "tempo-" + component + "-0", Labels: map[string]string{"app.kubernetes.io/component": component}},
		Spec:       core.PodSpec{Containers: []core.Container{container}},
		Status:     core.PodStatus{ContainerStatuses: []core.ContainerStatus{state}},
	}
}

func TestKilledPodsAreReported(t *testing.T) {
	gives := func(limit string) map[string]any {
		return map[string]any{"compactor": map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": limit}}}}
	}
	cases := map[string]struct {
		reason string
		pods   []core.Pod
		chart  string
		values map[string]any
		want   []string
	}{
		"compactor":      {"twice what it had", []core.Pod{ended("compactor", "OOMKilled", "256Mi")}, "tempo-distributed", nil, []string{"values.compactor.resources.limits.memory: 512Mi"}},
		"two words":      {"the key of the values", []core.Pod{ended("metrics-generator", "OOMKilled", "512Mi")}, "tempo-distributed", nil, []string{"values.metricsGenerator.resources.limits.memory: 1Gi"}},
		"one pod":        {"its only values key", []core.Pod{ended("", "OOMKilled", "768Mi")}, "tempo", nil, []string{"values.tempo.resources.limits.memory: 1536Mi"}},
		"no limit":       {"the node has too little", []core.Pod{ended("ingester", "OOMKilled", "")}, "tempo-distributed", nil, []string{"the pod has no limit: its node has too little"}},
		"other ends":     {"not out of memory", []core.Pod{ended("ingester", "Error", "1Gi"), ended("querier", "Completed", "1Gi")}, "tempo-distributed", nil, nil},
		"one of each":    {"they share one limit", []core.Pod{ended("ingester", "OOMKilled", "1Gi"), ended("ingester", "OOMKilled", "1Gi")}, "tempo-distributed", nil, []string{"values.ingester.resources.limits.memory: 2Gi"}},
		"more is coming": {"this run raises the limit", []core.Pod{ended("compactor", "OOMKilled", "256Mi")}, "tempo-distributed", gives("512Mi"), nil},
		"no more coming": {"the limit stays the same", []core.Pod{ended("compactor", "OOMKilled", "256Mi")}, "tempo-distributed", gives("256Mi"), []string{"values.compactor.resources.limits.memory: 512Mi"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var p plan.Plan
			WarnKilled(&p, test.chart, test.pods, test.values)
			require.Len(t, p.Warnings, len(test.want), "%v", p.Warnings)
			for i, want := range test.want {
				require.Contains(t, p.Warnings[i], want, test.reason)
			}
		})
	}
}

// A pod that has not been started again since says the same.
func TestPodThatKeepsBeingKilledIsReported(t *testing.T) {
	pod := ended("compactor", "Error", "256Mi")
	pod.Status.ContainerStatuses[0].State.Terminated = &core.ContainerStateTerminated{Reason: "OOMKilled"}
	var p plan.Plan
	WarnKilled(&p, "tempo-distributed", []core.Pod{pod}, nil)
	require.Len(t, p.Warnings, 1)
}
