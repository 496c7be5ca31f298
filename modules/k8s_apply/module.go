// SPDX-License-Identifier: AGPL-3.0-or-later

// Package manifest is the module k8s_apply: objects of a cluster as manifests
// describe them, applied on the server's side.
package manifest

import (
	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Module applies the manifests of one task.
type Module struct {
	cluster *kube.Objects
	clients kube.Clients
	// manifests are read once: a file that changes meanwhile must not make plan
	// and deed differ.
	manifests []manifest
}

var _ converge.Module[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result lists the objects, in the order in which they are applied.
func (m *Module) Result(_ Args, have State) map[string]any {
	list := []map[string]any{}
	for _, object := range have.Objects {
		ready, missing, err := kube.Ready(object.Live)
		entry := map[string]any{
			"api_version": object.Ref.APIVersion, "kind": object.Ref.Kind, "namespace": object.Ref.Namespace, "name": object.Ref.Name,
			"exists": object.Live != nil, "ready": ready,
		}
		if err != nil {
			missing = err.Error()
		}
		if missing != "" {
			entry["state"] = missing
		}
		list = append(list, entry)
	}
	return map[string]any{"objects": list}
}
