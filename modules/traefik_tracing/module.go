// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefik implements the module traefik_tracing, which makes an existing
// Traefik send spans and write trace IDs to its access log.
package traefik

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Module changes one Traefik.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// Connect makes the clients of the cluster.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	cluster, err := spec.Open()
	if err != nil {
		return nil, err
	}
	charts, err := cluster.HelmCharts()
	if err != nil {
		return nil, fault.During("prepare the connection to the Kubernetes API", err)
	}
	releases := func(namespace string) *helm.Client {
		return helm.New(helm.In(cluster, namespace))
	}
	return &client{
		reader: reader{cluster: cluster.Reader(), objects: cluster.Objects, charts: charts, server: apiServer{cluster.Config},
			releases: func(namespace string) renderer { return releases(namespace) }},
		watch: rollout.In(cluster.Clients).Watch,
		writer: plan.NewWriter(writer{
			charts: charts, configMaps: cluster.Core.ConfigMaps, jobs: cluster.Batch.Jobs,
			releases: func(namespace string) upgrader { return releases(namespace) },
		}),
	}, nil
}
