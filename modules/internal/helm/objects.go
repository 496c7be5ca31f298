// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/kube"
)

// waitingClient is Helm's client for objects, with a wait that says what it waits
// for and gives up at once when waiting is pointless, and with an update that
// knows of revisions that failed.
type waitingClient struct {
	*kube.Client
	wait Wait
	ctx  context.Context //nolint:containedctx // Helm's interface has no room for it
	// failed are the manifests of Deployment.Failed.
	failed []string
}

func (w *waitingClient) Wait(resources kube.ResourceList, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(w.ctx, timeout)
	defer cancel()
	var objects []Object
	for _, info := range resources {
		objects = append(objects, Object{Kind: info.Mapping.GroupVersionKind.Kind, Namespace: info.Namespace, Name: info.Name})
	}
	return w.wait(ctx, objects)
}

func (w *waitingClient) WaitWithJobs(resources kube.ResourceList, timeout time.Duration) error {
	return w.Wait(resources, timeout)
}

// Update goes from the revision that was deployed to the new one. Helm would
// leave behind what revisions between them made before they failed, both objects
// and fields, since it compares with the deployed one alone (helm
// pkg/action/upgrade.go, prepareUpgrade): so each of those is updated to the new one
// first.
func (w *waitingClient) Update(original, target kube.ResourceList, force bool) (*kube.Result, error) {
	all := &kube.Result{}
	for _, manifest := range w.failed {
		before, err := w.Build(strings.NewReader(manifest), false)
		if err != nil {
			return all, err
		}
		step, err := w.Client.Update(append(before, original.Difference(before)...), copied(target), force)
		all = joinResults(all, step)
		if err != nil {
			return all, err
		}
	}
	last, err := w.Client.Update(original, target, force)
	return joinResults(all, last), err
}

// copied are the same objects before Helm writes into them what it has read.
func copied(list kube.ResourceList) kube.ResourceList {
	var copies kube.ResourceList
	for _, info := range list {
		own := *info
		own.Object = info.Object.DeepCopyObject()
		copies.Append(&own)
	}
	return copies
}

func joinResults(a, b *kube.Result) *kube.Result {
	if b == nil {
		return a
	}
	return &kube.Result{Created: append(a.Created, b.Created...), Updated: b.Updated, Deleted: append(a.Deleted, b.Deleted...)}
}
