// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"

	apps "k8s.io/api/apps/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WorkloadObjects reads the Deployments and StatefulSets that match a label
// selector.
func (c Clients) WorkloadObjects(ctx context.Context, namespace, selector string) ([]apps.Deployment, []apps.StatefulSet, error) {
	options := meta.ListOptions{LabelSelector: selector}
	deployments, err := c.Apps.Deployments(namespace).List(ctx, options)
	if err != nil {
		return nil, nil, Fault("list Deployments in "+namespace, err)
	}
	sets, err := c.Apps.StatefulSets(namespace).List(ctx, options)
	if err != nil {
		return nil, nil, Fault("list StatefulSets in "+namespace, err)
	}
	return deployments.Items, sets.Items, nil
}
