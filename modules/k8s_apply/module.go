// SPDX-License-Identifier: AGPL-3.0-or-later

// Package manifest implements the module k8s_apply, which manages the objects that
// manifests describe with server-side apply.
package manifest

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Module applies the manifests of one task.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one cluster for one run.
type client struct {
	cluster reader
	// namespace is that of the kubeconfig's context.
	namespace string
	watch     func() *rollout.Watcher
	writer    plan.Writer[writer]
}

// Connect makes the clients of the cluster.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	cluster, err := spec.Open()
	if err != nil {
		return nil, err
	}
	return &client{cluster: cluster.Objects, namespace: cluster.Objects.Namespace, watch: rollout.In(cluster.Clients).Watch,
		writer: plan.NewWriter[writer](cluster.Objects)}, nil
}

// Result lists the objects, in the order in which they are applied.
func (c *client) Result(_ Spec, status Status) map[string]any {
	list := []map[string]any{}
	for _, object := range status.Objects {
		state := rollout.Of(object.Live)
		entry := map[string]any{
			"api_version": object.Ref.APIVersion, "kind": object.Ref.Kind, "namespace": object.Ref.Namespace, "name": object.Ref.Name,
			"exists": object.Live != nil, "ready": state.Done(),
		}
		if missing := state.String(); missing != "" {
			entry["state"] = missing
		}
		list = append(list, entry)
	}
	return map[string]any{"objects": list}
}
