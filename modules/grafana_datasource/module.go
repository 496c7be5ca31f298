// SPDX-License-Identifier: AGPL-3.0-or-later

// Package datasource implements the module grafana_datasource, which manages a
// Grafana data source and its links to other data sources.
package datasource

import (
	"context"
	"sync"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/streaming"
)

// Module sets up one data source.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one data source for one run.
type client struct {
	// grafana is nil where its address is not known.
	grafana grafana.Reader
	// cluster connects when it is first needed: the way by the API may do without.
	cluster func() (cluster, error)
	// digests is where the digests of secrets are kept; nil is Grafana itself.
	digests recaller
	writer  plan.Writer[writer]
	// sidecar is that of Grafana, once it was looked for.
	sidecar *grafana.Sidecar
	// via is how this run writes.
	via string
	// secretsWritten is set once this run has written the secrets.
	secretsWritten bool
}

// cluster reads what the module needs of Kubernetes.
type cluster struct {
	kube.Reader
	provisioning grafana.ProvisioningReader
}

// Connect makes the clients of Grafana and, for later, of the cluster.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	clients := sync.OnceValues(spec.cluster().Clients)
	c, w := &client{via: spec.way()}, writer{digests: spec.folder()}
	if spec.Given() {
		server, err := grafana.Open(spec.Access)
		if err != nil {
			return nil, err
		}
		c.grafana, w.sources = server, server
	}
	if w.digests != nil {
		c.digests = w.digests
	}
	c.cluster = func() (cluster, error) {
		made, err := clients()
		return cluster{made.Reader(), grafana.NewProvisioningReader(made)}, err
	}
	w.files = func() (files, error) {
		made, err := clients()
		return grafana.NewProvisioningWriter(made), err
	}
	c.writer = plan.NewWriter(w)
	return c, nil
}

// Result returns the data source with its secrets masked, and whether Grafana
// reaches it.
func (c *client) Result(spec Spec, status Status) map[string]any {
	result := map[string]any{"via": status.Via}
	if absent := status.unavailable(spec); absent != nil {
		result["missing"] = absent.Error()
	}
	if status.File.Object != nil {
		result["object"] = status.File.Object.String()
	}
	if status.Source == nil {
		return result
	}
	found := *status.Source
	if status.File.Live != nil {
		found = *status.File.Live
	}
	if link, kept := loglink.Kept(found.JSONData); kept {
		result["log_link"] = link.Data()
	}
	found.JSONData = jsondata.WithoutRecords(found.JSONData)
	delete(found.JSONData, loglink.Key)
	result["datasource"] = found.Redacted()
	result["uid"], result["name"] = found.UID, found.Name
	if status.Health != nil {
		result["healthy"], result["healthy_reason"] = nil, status.Health.Reason
		if status.Health.Known {
			result["healthy"] = status.Health.Healthy
		}
	}
	if wanted := spec.Streaming; len(wanted) > 0 {
		result["streaming"], result["streaming_reason"] = len(streaming.Missing(wanted, status.Source)) == 0, status.Streaming.Reason()
	}
	if sample, err := spec.sampled(status.Source); err == nil && sample != nil {
		result["sample"] = sample
	}
	return result
}
