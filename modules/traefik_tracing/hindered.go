// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// hindered says what keeps the pods of the controller's job or of a rollout from
// being made, "" where nothing does. An error means that waiting is in vain.
func (m *Module) hindered(ctx context.Context, looking *kube.Rollout, found Found, v view) (string, error) {
	switch {
	case !v.job.complete && !v.job.absent() && !v.job.stopped:
		return m.hinderedJob(ctx, looking, found.Namespace, v.job)
	case v.now.Name == "" || v.now.RolledOut:
		return "", nil
	}
	workload, err := m.progress(ctx, v.now)
	if err != nil || workload.Done() {
		return "", err
	}
	return looking.Obstacle(ctx, v.now.Namespace, workload)
}

func (m *Module) hinderedJob(ctx context.Context, looking *kube.Rollout, namespace string, of job) (string, error) {
	read, err := m.jobs.Jobs(namespace).Get(ctx, of.name, meta.GetOptions{})
	if err != nil {
		return "", gone("read Job "+namespace+"/"+of.name, err)
	}
	return looking.Obstacle(ctx, namespace, kube.FromJob(*read))
}

// progress reads how far the workload is. One that is gone lags in nothing.
func (m *Module) progress(ctx context.Context, w Workload) (kube.Workload, error) {
	doing := "read " + w.String()
	if w.Kind == "DaemonSet" {
		set, err := m.clients.Apps.DaemonSets(w.Namespace).Get(ctx, w.Name, meta.GetOptions{})
		if err != nil {
			return kube.Workload{}, gone(doing, err)
		}
		return kube.FromDaemonSet(*set), nil
	}
	deployment, err := m.clients.Apps.Deployments(w.Namespace).Get(ctx, w.Name, meta.GetOptions{})
	if err != nil {
		return kube.Workload{}, gone(doing, err)
	}
	return kube.FromDeployment(*deployment), nil
}

// gone is no error for what is not there any more.
func gone(doing string, err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault(doing, err)
}
