// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempohelm is the module tempo_helm: a Helm release of Grafana Tempo,
// with the Secrets that hold its S3 credentials and CA.
package tempohelm

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/s3secret"
)

// Module converges a release of Tempo.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

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
		Wait: func(ctx context.Context, made []helm.Object) error { return spec.rollout().Await(ctx, clients, made) },
		Hide: spec.hide,
	})
	return &client{
		reader: reader{cluster: clients.Reader(), objects: anyKind, charts: releases, ca: ca, salt: s3secret.NewSalt()},
		writer: plan.NewWriter(writer{clients: clients, objects: anyKind, releases: releases}),
	}, nil
}
