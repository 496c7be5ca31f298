// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// notStarted says why an existing pod finds no node or does not start, in
// Kubernetes' own words if it has any: about its node, its volumes or its images.
func (c Cluster) notStarted(ctx context.Context, pod core.Pod, problem PodProblem) (obstacle, error) {
	switch problem.Reason {
	case core.PodReasonUnschedulable:
		return c.unscheduled(ctx, pod, problem)
	case string(core.PodPending):
		return c.unplaced(ctx, pod)
	case "ContainerCreating":
		return c.unprepared(ctx, pod)
	case "ErrImagePull", "ImagePullBackOff":
		return unpulled(pod, problem), nil
	case core.PodReasonSchedulingGated, "CreateContainerError", "RunContainerError":
		return reported(pod, problem), nil
	}
	return obstacle{}, nil
}

// reported is what Kubernetes says about a pod, which may pass.
func reported(pod core.Pod, problem PodProblem) obstacle {
	if problem.Message == "" {
		return obstacle{}
	}
	return obstacle{what: "pod " + pod.Name, text: problem.Reason + ": " + problem.Message}
}

// missingImage are words of container runtimes for an image that waiting does not
// help to get (containerd core/remotes/docker, moby distribution/errors.go).
var missingImage = []string{": not found", "manifest unknown", "no match for platform", "no matching manifest", "pull access denied"}

// unpulled distinguishes a wrong name from a registry that does not answer.
func unpulled(pod core.Pod, problem PodProblem) obstacle {
	found := reported(pod, problem)
	if slices.ContainsFunc(missingImage, func(words string) bool { return strings.Contains(found.text, words) }) {
		found.slow = true // a mirror may just be starting
		found.again = func(context.Context) (string, bool, error) { return found.text, true, nil }
	}
	return found
}

// unprepared looks for what a node says about a pod's volumes and network.
func (c Cluster) unprepared(ctx context.Context, pod core.Pod) (obstacle, error) {
	of := fields.Set{"involvedObject.uid": string(pod.UID)}
	event, err := c.lastEvent(ctx, pod.Namespace, of, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox")
	if err != nil || event.Message == "" {
		return obstacle{}, err
	}
	found := obstacle{what: "pod " + pod.Name, text: event.Message}
	if event.Reason == "FailedMount" && strings.HasSuffix(event.Message, "not found") {
		found.mark = markOf(event)
	}
	return found, nil
}

// unplaced is for a pod about which the scheduler has said nothing: it first binds
// a volume if the storage class waits for the pod, or it is another scheduler.
func (c Cluster) unplaced(ctx context.Context, pod core.Pod) (obstacle, error) {
	if found, err := c.unbound(ctx, pod); found.what != "" || err != nil {
		return found, err
	}
	if name := pod.Spec.SchedulerName; cmp.Or(name, core.DefaultSchedulerName) != core.DefaultSchedulerName {
		return obstacle{what: "pod " + pod.Name, text: "the scheduler " + name + ", which it asks for, has not placed it"}, nil
	}
	return obstacle{}, nil
}

// unbound is what is said about a claim of the pod that gets no volume: that there can
// be none, or what it waits for.
func (c Cluster) unbound(ctx context.Context, pod core.Pod) (obstacle, error) {
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim == nil {
			continue
		}
		name := volume.PersistentVolumeClaim.ClaimName
		of := fields.Set{"involvedObject.kind": "PersistentVolumeClaim", "involvedObject.name": name}
		event, err := c.lastEvent(ctx, pod.Namespace, of, "ProvisioningFailed", "FailedBinding", "ProvisioningSucceeded", "ExternalProvisioning")
		if err != nil {
			return obstacle{}, err
		}
		found := obstacle{what: fmt.Sprintf("pod %s, volume claim %s", pod.Name, name), text: event.Message}
		switch event.Reason {
		case "ProvisioningFailed", "FailedBinding":
			found.mark = markOf(event)
			return found, nil
		case "ExternalProvisioning":
			return found, nil
		}
	}
	return obstacle{}, nil
}

// unscheduled looks at the claims of a pod. If they are fine, it reports the
// scheduler's own words, and only a pod that no node can ever run ends the wait.
func (c Cluster) unscheduled(ctx context.Context, pod core.Pod, problem PodProblem) (obstacle, error) {
	if found, err := c.unbound(ctx, pod); found.what != "" || err != nil {
		return found, err
	}
	found := obstacle{what: "pod " + pod.Name, text: problem.Message, slow: true,
		again: func(ctx context.Context) (string, bool, error) { return c.misplaced(ctx, pod, problem.Message) }}
	if strings.Contains(problem.Message, "persistentvolumeclaim") && strings.Contains(problem.Message, "not found") {
		found.slow = false
		found.again = func(context.Context) (string, bool, error) { return problem.Message, true, nil }
	}
	return found, nil
}
