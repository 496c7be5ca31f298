// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/wait"
)

// interval is how often a rollout is looked at.
const interval = 2 * time.Second

// What a revision of a release says, and how many of them are kept.
const (
	description = "traces to Tempo"
	maxHistory  = 10
)

// writer is what the steps work with.
type writer struct {
	objects interface {
		Get(context.Context, kube.Ref) (*unstructured.Unstructured, error)
		Apply(context.Context, *unstructured.Unstructured, kube.Applying) (*unstructured.Unstructured, error)
		Remove(ctx context.Context, ref kube.Ref, orphan bool) error
	}
	cluster  rollout.Cluster
	releases func(namespace string) deployer
}

// deployer changes the releases of one namespace.
type deployer interface {
	Install(context.Context, helm.Deployment) error
	Upgrade(context.Context, helm.Deployment) error
	Uninstall(ctx context.Context, name string, timeout time.Duration) error
	Settled(err error) error
	EndPending(release helm.Release) error
}

// do is what a step does.
type do = func(context.Context, writer) error

func install(spec Spec, status Status) do {
	release, proposal := status.Release, status.Proposal
	return func(ctx context.Context, w writer) error {
		if err := w.ensure(ctx, release.Namespace); err != nil {
			return err
		}
		if err := w.keep(ctx, release, proposal.Record); err != nil {
			return err
		}
		releases := w.releases(release.Namespace)
		return releases.Settled(releases.Install(ctx, helm.Deployment{
			Name: release.Name, Chart: proposal.Chart, Values: proposal.Values, Description: description, Timeout: spec.Limit}))
	}
}

// upgrade writes the record before the values: a record of settings that do not exist
// yet does no harm, settings without a record could never be removed.
func upgrade(spec Spec, status Status) do {
	release, proposal := status.Release, status.Proposal
	return func(ctx context.Context, w writer) error {
		if proposal.Record != nil {
			if err := w.keep(ctx, release, proposal.Record); err != nil {
				return err
			}
		}
		if status.differs(proposal) {
			releases := w.releases(release.Namespace)
			if err := releases.EndPending(release); err != nil {
				return err
			}
			err := releases.Upgrade(ctx, helm.Deployment{
				Name: release.Name, Chart: release.Chart, Values: proposal.Values, Labels: release.Labels,
				Description: description, MaxHistory: maxHistory, Timeout: spec.Limit})
			if err := releases.Settled(err); err != nil {
				return err
			}
		}
		if proposal.Record == nil {
			return w.forget(ctx, release)
		}
		return nil
	}
}

func uninstall(spec Spec, status Status) do {
	release := status.Release
	return func(ctx context.Context, w writer) error {
		if release.Status != helm.Absent {
			if err := w.releases(release.Namespace).Uninstall(ctx, release.Name, spec.Limit); err != nil {
				return err
			}
		}
		return w.forget(ctx, release)
	}
}

// selectors find the workloads of the two ways
// (linkerd2 charts/linkerd-control-plane/templates, jaeger/charts/linkerd-jaeger/templates).
func selectors() map[compat.LinkerdMethod]string {
	return map[compat.LinkerdMethod]string{
		compat.LinkerdControlPlane: "linkerd.io/control-plane-component",
		compat.LinkerdExtension:    "linkerd.io/extension=jaeger",
	}
}

func awaitRollout(status Status) do {
	namespace, selector := status.Release.Namespace, selectors()[status.Generation.Method]
	return func(ctx context.Context, w writer) error {
		looking := w.cluster.Watch()
		return wait.Until(ctx, "the rollout in namespace "+namespace, interval, func(ctx context.Context) (bool, string, error) {
			workloads, err := w.cluster.Workloads(ctx, namespace, selector)
			if err != nil {
				return false, "", err
			}
			if len(workloads) == 0 {
				return false, "there is no workload with the label " + selector, nil
			}
			return looking.Look(ctx, namespace, workloads)
		})
	}
}

// ensure makes the namespace where it is missing.
func (w writer) ensure(ctx context.Context, name string) error {
	found, err := w.objects.Get(ctx, kube.Ref{APIVersion: "v1", Kind: "Namespace", Name: name})
	if err != nil || found != nil {
		return err
	}
	_, err = w.objects.Apply(ctx, object("Namespace", "", name, nil), kube.Applying{Manager: kube.Manager})
	return err
}

func (w writer) keep(ctx context.Context, release helm.Release, record *ownership.Record) error {
	config := object("ConfigMap", release.Namespace, ownership.ConfigMap(release.Name), map[string]any{ownership.Key: record.String()})
	_, err := w.objects.Apply(ctx, config, kube.Applying{Manager: kube.Manager, Force: true})
	return err
}

// forget waits until the record is gone: one that still exists asks for the
// same again.
func (w writer) forget(ctx context.Context, release helm.Release) error {
	return w.objects.Remove(ctx, kube.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: release.Namespace, Name: ownership.ConfigMap(release.Name)}, false)
}

func object(kind, namespace, name string, data map[string]any) *unstructured.Unstructured {
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": kind,
		"metadata": map[string]any{"name": name, "labels": map[string]any{kube.ManagedByLabel: kube.Manager}},
	}}
	if namespace != "" {
		made.SetNamespace(namespace)
	}
	if data != nil {
		made.Object["data"] = data
	}
	return made
}
