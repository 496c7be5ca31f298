// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// client works on one Traefik for one run.
type client struct {
	reader
	// watch starts watching for what keeps pods from being created.
	watch  func() *rollout.Watcher
	writer plan.Writer[writer]

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

// reader observes it.
type reader struct {
	cluster  kube.Reader
	objects  inventory.Cluster
	charts   chartReader
	server   apiServer
	releases func(namespace string) renderer
}

// chartReader reads the kinds of k3s' Helm controller.
type chartReader interface {
	List(context.Context) ([]kube.HelmChart, error)
	Config(ctx context.Context, namespace, name string) (*kube.HelmChartConfig, error)
	AddonSource(ctx context.Context, name string) (string, error)
	FailurePolicies(context.Context) (policies []string, known bool)
	DryRunConfig(ctx context.Context, namespace, name string, exists bool, patch map[string]any) error
}

// renderer makes dry runs of the releases of one namespace.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
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
	result["trace_id_field"] = target.Version.TraceIDField
	result["endpoint"] = target.Address
	result["propagators"] = target.Reads()
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
		if traefikchart.AboutTracing(arg) {
			own = append(own, arg)
		}
	}
	return own
}
