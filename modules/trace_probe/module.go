// SPDX-License-Identifier: AGPL-3.0-or-later

// Package probe implements the module trace_probe, which sends traces, finds them
// again, and names the hop that loses one.
package probe

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Module proves one chain, from the sender of a span to the link in Grafana.
type Module struct{}

var (
	_ converge.Module[Args, Spec, Status] = Module{}
	_ converge.Reporter                   = (*client)(nil)
)

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client makes one proof.
type client struct {
	servers servers
	// query is the query frontend, nil until it has said that it is ready.
	query *tempo.Client
	// links is Grafana, nil where it is not part of the proof.
	links links
	// observed is what was read. That is done once: a proof changes nothing that
	// would have to be read again.
	observed *Status
	// run is what the checks found so far.
	run    *run
	writer plan.Writer[writer]
}

// Connect reads the CA. It opens no connection: which ones are needed is known
// only on the way.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	dialer, err := newDialer(spec)
	if err != nil {
		return nil, err
	}
	return &client{servers: dialer, run: newRun(), writer: plan.NewWriter(writer{sender: dialer, file: disk{}})}, nil
}

// Result is what the checks found, hop by hop.
func (c *client) Result(spec Spec, status Status) map[string]any {
	result := status.result()
	result["versions"], result["endpoints"] = status.versions(), status.Endpoints
	if spec.Report != "" && status.Reported {
		result["report"] = spec.Report
	}
	return result
}

// Partial is what a failed run found out.
func (c *client) Partial() map[string]any { return c.run.findings().result() }
