// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedbatch "k8s.io/client-go/kubernetes/typed/batch/v1"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/traefikprobe"
)

// writer is what the steps work with.
type writer struct {
	charts     chartWriter
	configMaps func(namespace string) typedcore.ConfigMapInterface
	jobs       func(namespace string) typedbatch.JobInterface
	releases   func(namespace string) upgrader
}

// chartWriter changes the kinds of k3s' Helm controller.
type chartWriter interface {
	CreateConfig(ctx context.Context, namespace, name string, patch map[string]any) error
	PatchConfig(ctx context.Context, namespace, name string, patch map[string]any) error
	DeleteConfig(ctx context.Context, namespace, name, resourceVersion string) error
	AnnotateChart(ctx context.Context, namespace, name, key, value string) error
}

// upgrader changes the releases of one namespace.
type upgrader interface {
	Upgrade(context.Context, helm.Deployment) error
	Settled(err error) error
	EndPending(release helm.Release) error
}

// do is what a step does.
type do = func(context.Context, writer) error

// writeConfig writes the HelmChartConfig, unless it has changed since it was
// read.
func (c *client) writeConfig(status Status) do {
	proposal := status.Proposal
	return func(ctx context.Context, w writer) error {
		job, err := helmjob.Read(ctx, c.cluster, status.Namespace, status.Name)
		if err != nil {
			return err
		}
		c.jobBefore = job.Hash
		switch {
		case proposal.Delete:
			return w.charts.DeleteConfig(ctx, status.Namespace, status.Name, status.ResourceVersion)
		case !status.Exists:
			return w.charts.CreateConfig(ctx, status.Namespace, status.Name, proposal.patch(""))
		}
		return w.charts.PatchConfig(ctx, status.Namespace, status.Name, proposal.patch(status.ResourceVersion))
	}
}

// recordName is the annotation that keeps the record of a HelmChartConfig.
const recordName = "traefik.picluster.tracing/owned"

// patch is the proposal as a JSON merge patch, in which null removes.
func (p Proposal) patch(resourceVersion string) map[string]any {
	metadata := map[string]any{"annotations": map[string]any{recordName: nil}}
	if p.Record != nil {
		metadata["annotations"] = map[string]any{recordName: p.Record.String()}
	}
	if resourceVersion != "" {
		metadata["resourceVersion"] = resourceVersion
	}
	spec := map[string]any{"valuesContent": p.Text, "failurePolicy": nil}
	if p.FailurePolicy != "" {
		spec["failurePolicy"] = p.FailurePolicy
	}
	return map[string]any{"metadata": metadata, "spec": spec}
}

// upgradeRelease upgrades the Helm release with the chart that it has, so that no
// repository is needed. The record is written first and removed last: settings
// without a record could not be removed.
func upgradeRelease(status Status) do {
	record := status.Proposal.Record
	return func(ctx context.Context, w writer) error {
		if record != nil {
			if err := w.keep(ctx, status, *record); err != nil {
				return err
			}
		}
		releases := w.releases(status.Namespace)
		if err := releases.EndPending(status.newest); err != nil {
			return err
		}
		if err := releases.Settled(releases.Upgrade(ctx, deployment(status))); err != nil {
			return err
		}
		if record != nil {
			return nil
		}
		return w.forget(ctx, status)
	}
}

func deployment(status Status) helm.Deployment {
	return helm.Deployment{Name: status.Name, Chart: status.release.Chart, Values: status.Proposal.Values, Labels: status.release.Labels,
		Description: "tracing by picluster.tracing", MaxHistory: maxHistory, SkipCRDs: true}
}

// maxHistory is how many revisions Helm keeps by default
// (helm cmd/helm/upgrade.go, history-max).
const maxHistory = 10

// deleteJob deletes the job of a failed release: the controller then makes a new
// one with the same values.
func deleteJob(status Status) do {
	return func(ctx context.Context, w writer) error {
		return w.deleteJob(ctx, status.Namespace, status.upgrade.job)
	}
}

// keep writes the record of a release.
func (w writer) keep(ctx context.Context, status Status, record ownership.Record) error {
	config := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: ownership.ConfigMap(status.Name), Namespace: status.Namespace,
		Labels: map[string]string{kube.ManagedByLabel: kube.Manager}}, Data: map[string]string{ownership.Key: record.String()}}
	records := w.configMaps(status.Namespace)
	_, err := records.Create(ctx, config, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = records.Update(ctx, config, meta.UpdateOptions{})
	}
	return kube.Fault(fmt.Sprintf("write ConfigMap %s/%s", status.Namespace, config.Name), err)
}

// forget removes the record of a release.
func (w writer) forget(ctx context.Context, status Status) error {
	err := w.configMaps(status.Namespace).Delete(ctx, ownership.ConfigMap(status.Name), meta.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault(fmt.Sprintf("delete ConfigMap %s/%s", status.Namespace, ownership.ConfigMap(status.Name)), err)
}

// requeue touches the HelmChart, so that a controller which has missed a change of
// the HelmChartConfig looks again: those before k3s 1.24 miss its deletion
// (k3s-io/k3s issue 5733).
func (w writer) requeue(ctx context.Context, status Status) error {
	return w.charts.AnnotateChart(ctx, status.Namespace, status.Name, "traefik.picluster.tracing/nudged", time.Now().UTC().Format(time.RFC3339))
}

// deleteJob deletes a job, unless it has been replaced meanwhile.
func (w writer) deleteJob(ctx context.Context, namespace string, old helmjob.Job) error {
	pods := meta.DeletePropagationBackground
	options := meta.DeleteOptions{PropagationPolicy: &pods, Preconditions: &meta.Preconditions{UID: &old.UID}}
	err := w.jobs(namespace).Delete(ctx, old.Name, options)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return kube.Fault("delete Job "+namespace+"/"+old.Name, err)
}

// sendProbe sends one request through Traefik and looks for its trace ID in the
// access log.
func (c *client) sendProbe(spec Spec, status Status) do {
	probe := traefikprobe.Probe{Cluster: c.cluster, Workload: status.Workload, Target: status.Proposal.target,
		URL: spec.IngressURL, Host: spec.IngressHost, Path: spec.IngressPath, Trust: spec.trust()}
	return func(ctx context.Context, _ writer) error {
		seen, err := probe.Send(ctx)
		if seen != nil {
			c.probe = seen
		}
		return err
	}
}
