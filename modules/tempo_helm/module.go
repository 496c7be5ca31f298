// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempohelm implements the module tempo_helm, which manages a Helm release
// of Grafana Tempo and the Secrets that hold its S3 credentials and CA.
package tempohelm

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
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
	cluster, err := spec.Open()
	if err != nil {
		return nil, err
	}
	access := helm.In(cluster, spec.Namespace)
	access.Wait = func(ctx context.Context, made []helm.Object) error {
		return spec.rollout().Await(ctx, cluster.Clients, made)
	}
	access.Hide = spec.hide
	releases := helm.New(access)
	undecided := new(string)
	return &client{
		reader:    reader{cluster: cluster.Reader(), objects: cluster.Objects, charts: releases, ca: ca, salt: s3secret.NewSalt(), store: opener(ca)},
		writer:    plan.NewWriter(writer{clients: cluster.Clients, objects: cluster.Objects, releases: releases, undecided: undecided}),
		undecided: undecided,
	}, nil
}
