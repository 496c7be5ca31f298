// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefik is the module traefik_tracing: spans and trace IDs in the
// access log from an existing Traefik.
package traefik

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Module changes one Traefik.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one Traefik for one run.
type client struct {
	cluster  kube.Reader
	charts   chartReader
	server   apiServer
	releases func(namespace string) renderer
	// rollout begins to look at what keeps pods from being made.
	rollout func() *kube.Rollout
	writer  plan.Writer[writer]

	// jobBefore is the configuration hash of the Helm controller's job before this
	// run changed something.
	jobBefore string
	// probe is what a request through Traefik has shown, nil without one.
	probe map[string]any
	// field is the one of the access log that holds the trace ID, "" while it is not
	// known.
	field string
}

var _ converge.Reporter = (*client)(nil)

// chartReader reads the kinds of k3s' Helm controller.
type chartReader interface {
	List(context.Context) ([]kube.HelmChart, error)
	Config(ctx context.Context, namespace, name string) (*kube.HelmChartConfig, error)
	AddonSource(ctx context.Context, name string) (string, error)
	FailurePolicies(context.Context) (policies []string, known bool)
}

// Connect makes the clients of the cluster.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	clients, err := spec.Clients()
	if err != nil {
		return nil, err
	}
	loader, err := spec.ClientConfig()
	if err != nil {
		return nil, err
	}
	charts, err := clients.HelmCharts()
	if err != nil {
		return nil, fault.Doing("prepare the connection to the Kubernetes API", err)
	}
	releases := func(namespace string) *helm.Client {
		return helm.New(helm.Access{Config: clients.Config, Loader: loader, Namespace: namespace, Secrets: clients.Core.Secrets(namespace)})
	}
	return &client{
		cluster: clients.Reader(), charts: charts, server: apiServer{clients.Config}, rollout: clients.Rollout,
		releases: func(namespace string) renderer { return releases(namespace) },
		writer: plan.NewWriter(writer{
			charts: charts, configMaps: clients.Core.ConfigMaps, jobs: clients.Batch.Jobs,
			releases: func(namespace string) upgrader { return releases(namespace) },
		}),
	}, nil
}

// Result tells which Traefik it is and what it runs with.
func (c *client) Result(spec Spec, status Status) map[string]any {
	if status.Missing != nil {
		return map[string]any{"missing": status.Missing.Error()}
	}
	result := map[string]any{
		"method":          status.Method,
		"name":            status.Name,
		"namespace":       status.Namespace,
		"chart_version":   status.Chart,
		"traefik_version": status.version(spec).Number,
		"arguments":       secret.Masked(tracingArguments(status.Workload.Args)),
	}
	target := status.Proposal.target
	if spec.absent() || status.Proposal.Err != nil {
		return result
	}
	result["trace_id_field"] = target.version.TraceIDField
	result["endpoint"] = target.endpoint
	result["propagators"] = target.propagators()
	if c.probe != nil {
		result["probe"] = c.probe
	}
	return result
}

// Partial tells the field of the access log also where the task fails for another
// reason: the link from a log line to its trace needs no more than that.
func (c *client) Partial() map[string]any {
	if c.field == "" {
		return nil
	}
	return map[string]any{"trace_id_field": c.field}
}

// tracingArguments are the arguments about tracing and the access log.
func tracingArguments(args []string) []string {
	own := []string{}
	for _, arg := range args {
		if aboutTracing(arg) {
			own = append(own, arg)
		}
	}
	return own
}
