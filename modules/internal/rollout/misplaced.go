// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/component-helpers/storage/volume"

	"github.com/picluster/tracing/modules/internal/kube"
)

// misplaced is why an unschedulable pod will never get a node, after the scheduler's
// own words; "" if a node may still become free, or an autoscaler adds one. It is not
// known if this user may not list nodes.
func (c Cluster) misplaced(ctx context.Context, pod core.Pod, message string) (refusal string, known bool, err error) {
	nodes, err := c.Core.Nodes().List(ctx, meta.ListOptions{})
	if apierrors.IsForbidden(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, kube.Fault("list nodes", err)
	}
	why := Unschedulable(pod.Spec, nodes.Items)
	if why == "" {
		why = c.outOfReach(ctx, pod, nodes.Items)
	}
	if why == "" {
		return "", true, nil
	}
	// Cluster Autoscaler and Karpenter say so when they add a node for the pod.
	event, err := c.lastEvent(ctx, pod.Namespace, fields.Set{"involvedObject.uid": string(pod.UID)}, "TriggeredScaleUp", "Nominated")
	if event.Reason != "" || err != nil {
		return "", true, err
	}
	return strings.TrimSuffix(message, ".") + ": " + why, true, nil
}

// outOfReach says that a volume of a pod is on no node that the pod may run on, like
// a local one whose node has left the cluster; "" if that is not so, or if this user
// may not read it.
func (c Cluster) outOfReach(ctx context.Context, pod core.Pod, nodes []core.Node) string {
	for _, mounted := range pod.Spec.Volumes {
		if mounted.PersistentVolumeClaim == nil {
			continue
		}
		claim, err := c.Core.PersistentVolumeClaims(pod.Namespace).Get(ctx, mounted.PersistentVolumeClaim.ClaimName, meta.GetOptions{})
		if err != nil || claim.Spec.VolumeName == "" {
			continue // there is only the scheduler's message
		}
		bound, err := c.Core.PersistentVolumes().Get(ctx, claim.Spec.VolumeName, meta.GetOptions{})
		if err != nil {
			continue
		}
		reach := slices.DeleteFunc(slices.Clone(nodes), func(node core.Node) bool { return volume.CheckNodeAffinity(bound, node.Labels) != nil })
		if len(nodes) > 0 && (len(reach) == 0 || Unschedulable(pod.Spec, reach) != "") {
			return fmt.Sprintf("its volume %s, of claim %s, is on no node that it may run on", bound.Name, claim.Name)
		}
	}
	return ""
}
