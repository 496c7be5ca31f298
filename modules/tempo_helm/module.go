// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempohelm is the module tempo_helm: a Helm release of Grafana Tempo,
// with the Secrets that hold its S3 credentials and CA.
package tempohelm

import (
	"cmp"
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Module converges a release of Tempo.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one release for one run.
type client struct {
	cluster kube.Reader
	objects objects
	charts  renderer
	writer  plan.Writer[writer]
	// store opens the object storage, which only a move to Tempo 3 looks into.
	store func(Spec, Credentials) (blockReader, error)
	// ca is the CA that the options ask for.
	ca CABundle
	// choice is what the first look at the cluster led to: after a first install
	// there is a release, which is no reason for what it became.
	choice *Choice
	// salt goes into the checksum of credentials that have none yet.
	salt string
}

// objects reads objects of any kind, and makes dry runs of their changes.
type objects interface {
	Get(context.Context, kube.Ref) (*unstructured.Unstructured, error)
	DryRunPatch(ctx context.Context, patch kube.Patch, manager string) (*unstructured.Unstructured, error)
	Sound(context.Context, *unstructured.Unstructured) error
}

// renderer makes dry runs of releases.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
}

// Connect makes the clients of the cluster, and reads the CA of the object
// storage.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	ca, err := spec.caBundle()
	if err != nil {
		return nil, err
	}
	clients, err := spec.Clients()
	if err != nil {
		return nil, err
	}
	loader, err := spec.ClientConfig()
	if err != nil {
		return nil, err
	}
	anyKind, err := kube.NewObjects(clients.Config, "")
	if err != nil {
		return nil, err
	}
	releases := helm.New(helm.Access{
		Config: clients.Config, Loader: loader, Secrets: clients.Core.Secrets(spec.Namespace), Namespace: spec.Namespace,
		Wait: func(ctx context.Context, made []helm.Object) error { return awaitReady(ctx, clients, spec, made) },
		Hide: spec.hide,
	})
	return &client{cluster: clients.Reader(), objects: anyKind, charts: releases, ca: ca, salt: newSalt(), store: openStore,
		writer: plan.NewWriter(writer{clients: clients, objects: anyKind, releases: releases})}, nil
}

// hide takes the task's secrets out of a text that is stored in the cluster.
func (a Args) hide(text string) string {
	known := &secret.Redactor{}
	known.Add(append(secret.Within(a.Values), a.S3.SecretKey, a.RepoPassword, a.APIKey)...)
	return known.Text(text)
}

// Result is what the task returns. Before the first install (in check mode),
// endpoints and service_account are those that the release would have.
func (c *client) Result(spec Spec, status Status) map[string]any {
	release := status.Release
	return map[string]any{
		"mode":        status.mode(),
		"mode_reason": status.Choice.Why,
		"resources":   cmp.Or(status.Choice.Resources, spec.Resources),
		"release": map[string]any{
			"name": spec.Release, "namespace": spec.Namespace, "revision": release.Revision, "status": string(release.Status),
			"chart": release.Chart.ID(), "chart_version": release.Chart.Version, "app_version": release.Chart.AppVersion,
		},
		"endpoints":       status.endpoints(),
		"service_account": status.serviceAccount(),
		"values":          secret.Masked(any(release.Values)),
		"drift":           status.redactedDrift(),
	}
}
