// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Apply writes the new values, waits for a Traefik that runs with them, or sends
// a request through it.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	switch payload := change.Payload.(type) {
	case awaiting:
		return m.await(ctx, payload)
	case repeating:
		return m.free(ctx, payload.found, payload.found.last.job)
	case probing:
		return m.probe(ctx, args, payload)
	case writing:
		if payload.found.Method == methodHelm {
			return m.applyRelease(ctx, args, payload)
		}
		return m.applyConfig(ctx, payload)
	}
	return fault.New(fault.Internal, "", "the change %s has no payload", change)
}

// applyConfig writes the HelmChartConfig, unless it has changed since it was
// read.
func (m *Module) applyConfig(ctx context.Context, w writing) error {
	found, d := w.found, w.draft
	job, err := m.job(ctx, found)
	if err != nil {
		return err
	}
	m.jobBefore = job.hash
	switch {
	case d.Delete:
		return m.charts.DeleteConfig(ctx, found.Namespace, found.Name, found.ResourceVersion)
	case !found.Exists:
		return m.charts.CreateConfig(ctx, found.Namespace, found.Name, d.patch(""))
	}
	return m.charts.PatchConfig(ctx, found.Namespace, found.Name, d.patch(found.ResourceVersion))
}

// patch is the draft as a JSON merge patch, in which null removes.
func (d draft) patch(resourceVersion string) map[string]any {
	metadata := map[string]any{"annotations": map[string]any{recordName: nil}}
	if d.Record != nil {
		metadata["annotations"] = map[string]any{recordName: d.Record.String()}
	}
	if resourceVersion != "" {
		metadata["resourceVersion"] = resourceVersion
	}
	spec := map[string]any{"valuesContent": d.Text, "failurePolicy": nil}
	if d.FailurePolicy != "" {
		spec["failurePolicy"] = d.FailurePolicy
	}
	return map[string]any{"metadata": metadata, "spec": spec}
}

// applyRelease upgrades the Helm release with the chart that it has, so that no
// repository is needed. The record is written first and removed last: settings
// without a record could not be taken away.
func (m *Module) applyRelease(ctx context.Context, args Args, w writing) error {
	if w.draft.Record != nil {
		if err := m.writeRecord(ctx, w.found, *w.draft.Record); err != nil {
			return err
		}
	}
	client, err := m.helm(args, w.found.Namespace)
	if err != nil {
		return err
	}
	if err := client.Settled(client.Upgrade(ctx, deployment(w))); err != nil {
		return err
	}
	if w.draft.Record != nil {
		return nil
	}
	return m.removeRecord(ctx, w.found)
}

func deployment(w writing) helm.Deployment {
	return helm.Deployment{Name: w.found.Name, Chart: w.found.release.Chart, Values: w.draft.Values, Labels: w.found.release.Labels,
		Description: "tracing by picluster.tracing", MaxHistory: history, SkipCRDs: true}
}

// history is how many revisions Helm keeps by default (helm cmd/helm/upgrade.go,
// history-max).
const history = 10

func (m *Module) helm(args Args, namespace string) (*helm.Client, error) {
	loader, err := args.ClientConfig()
	if err != nil {
		return nil, err
	}
	return helm.New(helm.Access{Config: m.clients.Config, Loader: loader, Namespace: namespace, Secrets: m.clients.Core.Secrets(namespace)}), nil
}

func (m *Module) writeRecord(ctx context.Context, found Found, record Record) error {
	config := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: recordMap(found.Name), Namespace: found.Namespace,
		Labels: map[string]string{"app.kubernetes.io/managed-by": "picluster.tracing"}}, Data: map[string]string{"record": record.String()}}
	maps := m.clients.Core.ConfigMaps(found.Namespace)
	_, err := maps.Create(ctx, config, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = maps.Update(ctx, config, meta.UpdateOptions{})
	}
	return kube.Fault(fmt.Sprintf("write ConfigMap %s/%s", found.Namespace, config.Name), err)
}

func (m *Module) removeRecord(ctx context.Context, found Found) error {
	err := m.clients.Core.ConfigMaps(found.Namespace).Delete(ctx, recordMap(found.Name), meta.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault(fmt.Sprintf("delete ConfigMap %s/%s", found.Namespace, recordMap(found.Name)), err)
}

// nudge touches the HelmChart, so that a controller which has missed a change of
// the HelmChartConfig looks again: those before k3s 1.24 miss its deletion
// (k3s-io/k3s issue 5733).
func (m *Module) nudge(ctx context.Context, found Found) error {
	return m.charts.AnnotateChart(ctx, found.Namespace, found.Name, "traefik.picluster.tracing/nudged", time.Now().UTC().Format(time.RFC3339))
}

// free deletes a job that the controller has stopped and forgotten: it then makes
// a new one.
func (m *Module) free(ctx context.Context, found Found, stuck job) error {
	pods := meta.DeletePropagationBackground
	options := meta.DeleteOptions{PropagationPolicy: &pods, Preconditions: &meta.Preconditions{UID: &stuck.uid}}
	err := m.jobs.Jobs(found.Namespace).Delete(ctx, stuck.name, options)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return kube.Fault("delete Job "+found.Namespace+"/"+stuck.name, err)
}
