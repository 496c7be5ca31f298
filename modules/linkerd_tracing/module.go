// SPDX-License-Identifier: AGPL-3.0-or-later

// Package linkerd implements the module linkerd_tracing, which sends the traces of
// an existing Linkerd to Tempo.
package linkerd

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Module sets up the traces of one mesh.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one mesh for one run.
type client struct {
	cluster kube.Reader
	objects inventory.Cluster
	charts  func(namespace string) renderer
	writer  plan.Writer[writer]
}

// Connect makes the clients of the cluster.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	cluster, err := spec.Open()
	if err != nil {
		return nil, err
	}
	releases := func(namespace string) *helm.Client {
		return helm.New(helm.In(cluster, namespace))
	}
	return &client{
		cluster: cluster.Reader(),
		objects: cluster.Objects,
		charts:  func(namespace string) renderer { return releases(namespace) },
		writer: plan.NewWriter(writer{
			objects:  cluster.Objects,
			cluster:  rollout.In(cluster.Clients),
			releases: func(namespace string) deployer { return releases(namespace) },
		}),
	}, nil
}

// Result says what was found, and where its traces go.
func (c *client) Result(_ Spec, status Status) map[string]any {
	result := map[string]any{"installed": status.Installed()}
	if !status.Installed() {
		return result
	}
	result["version"], result["way"] = status.Version, string(status.Generation.Method)
	result["release"] = map[string]any{"name": status.Release.Name, "namespace": status.Release.Namespace, "chart": status.Release.Chart.ID()}
	result["tempo_meshed"] = status.Tempo.Meshed
	if endpoint := status.endpoint(); endpoint != "" {
		result["endpoint"] = endpoint
	}
	return result
}
