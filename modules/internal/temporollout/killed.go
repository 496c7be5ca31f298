// SPDX-License-Identifier: AGPL-3.0-or-later

package temporollout

import (
	"fmt"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// outOfMemory is how the kubelet says that the kernel ended a container.
const outOfMemory = "OOMKilled"

// WarnKilled warns about pods of a chart that last ended for lack of memory, with the
// limit to set, unless a deployment with values gives them enough; without one
// values are nil. It names one pod of each component.
func WarnKilled(p *plan.Plan, chart string, pods []core.Pod, values map[string]any) {
	reported := map[string]bool{}
	for _, pod := range pods {
		for _, state := range pod.Status.ContainerStatuses {
			key := memoryKey(chart, pod)
			if reported[key] || !killed(state) {
				continue
			}
			limit := limitOf(pod, state.Name)
			if givesMore(values, key, limit) {
				continue
			}
			reported[key] = true
			p.Warn("%s", killedMessage(pod.Name, state, limit, key))
		}
	}
}

// killed looks at the last termination, and at one without a restart since.
func killed(state core.ContainerStatus) bool {
	for _, end := range []*core.ContainerStateTerminated{state.LastTerminationState.Terminated, state.State.Terminated} {
		if end != nil && end.Reason == outOfMemory {
			return true
		}
	}
	return false
}

// limitOf is the container's memory limit, zero for none.
func limitOf(pod core.Pod, container string) resource.Quantity {
	for _, candidate := range pod.Spec.Containers {
		if candidate.Name == container {
			return *candidate.Resources.Limits.Memory()
		}
	}
	return resource.Quantity{}
}

// memoryKey is where the values have the memory limit of a pod.
func memoryKey(chart string, pod core.Pod) string {
	component := tempochart.Key(pod.Labels[kube.ComponentLabel])
	if chart == compat.TempoMonolithic || component == "" {
		component = "tempo"
	}
	return component + ".resources.limits.memory"
}

// givesMore reports whether the values give the component more than the limit at
// which it was killed.
func givesMore(values map[string]any, key string, limit resource.Quantity) bool {
	text, _ := helm.Lookup(values, strings.Split(key, ".")...).(string)
	planned, err := resource.ParseQuantity(text)
	return err == nil && !limit.IsZero() && planned.Cmp(limit) > 0
}

func killedMessage(pod string, state core.ContainerStatus, limit resource.Quantity, key string) string {
	if limit.IsZero() {
		return fmt.Sprintf("the kernel ended container %s of pod %s for lack of memory (%s), and the pod has no limit: its node has too little. "+
			"Set values.%s to what the node can spare, or another node_selector", state.Name, pod, outOfMemory, key)
	}
	return fmt.Sprintf("the kernel ended container %s of pod %s for lack of memory (%s) at its limit of %s; it was started %d times again. Set values.%s: %s",
		state.Name, pod, outOfMemory, limit.String(), state.RestartCount, key, doubled(limit))
}

// doubled is twice the limit, in whole mebibytes or gibibytes.
func doubled(limit resource.Quantity) string {
	mebibytes := limit.Value() * 2 >> 20
	if mebibytes%1024 == 0 {
		return fmt.Sprintf("%dGi", mebibytes/1024)
	}
	return fmt.Sprintf("%dMi", mebibytes)
}
