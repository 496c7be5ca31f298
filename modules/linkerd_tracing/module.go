// SPDX-License-Identifier: AGPL-3.0-or-later

// Package linkerd is the module linkerd_tracing: the traces of a Linkerd that is
// there, sent to Tempo.
package linkerd

import (
	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Module sets up the traces of one mesh.
type Module struct {
	clients *kube.Clients
	objects *kube.Objects
}

var _ converge.Direct[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result says what was found, and where its traces go.
func (m *Module) Result(_ Args, have State) map[string]any {
	result := map[string]any{"installed": have.Installed()}
	if !have.Installed() {
		return result
	}
	result["version"], result["way"] = have.Version, string(have.Generation.Way)
	result["release"] = map[string]any{"name": have.Release.Name, "namespace": have.Release.Namespace, "chart": have.Release.Chart.ID()}
	result["tempo_meshed"] = have.Tempo.Meshed
	if endpoint := have.endpoint(); endpoint != "" {
		result["endpoint"] = endpoint
	}
	return result
}
