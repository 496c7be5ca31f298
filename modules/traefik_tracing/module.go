// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefik is the module traefik_tracing: spans and trace IDs in the
// access log from a Traefik that is there already.
package traefik

import (
	"slices"

	batch "k8s.io/client-go/kubernetes/typed/batch/v1"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Module changes one Traefik.
type Module struct {
	clients kube.Clients
	charts  kube.HelmCharts
	jobs    batch.BatchV1Interface
	// jobBefore is the configuration hash of the controller's job before this run
	// changed something.
	jobBefore string
	// probed is what a request through Traefik has shown, nil without one.
	probed map[string]any
	// field is the one of the access log that holds the trace ID, "" while it is not
	// known.
	field string
}

var _ converge.Direct[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result tells which Traefik it is and what it runs with.
func (m *Module) Result(args Args, have State) map[string]any {
	found := have.Found
	result := map[string]any{
		"method":          found.Method,
		"name":            found.Name,
		"namespace":       found.Namespace,
		"chart_version":   found.Chart,
		"traefik_version": found.version(args.want()).Number,
		"arguments":       secret.Masked(ownArguments(found.Workload.Args)),
	}
	if args.absent() {
		return result
	}
	target, err := aim(args.want(), found)
	if err != nil {
		return result
	}
	result["trace_id_field"] = target.version.TraceIDField
	result["endpoint"] = target.endpoint
	result["propagators"] = target.propagators()
	if m.probed != nil {
		result["probe"] = m.probed
	}
	return result
}

// ownArguments are the arguments about tracing and the access log.
func ownArguments(args []string) []string {
	own := []string{}
	for _, arg := range args {
		if concerns(arg) {
			own = append(own, discreet(arg))
		}
	}
	return slices.Clip(own)
}
