// SPDX-License-Identifier: AGPL-3.0-or-later

// Package bucket implements the module minio_tempo_bucket, which manages the
// bucket, the user and the policy that Tempo needs in an S3 store.
package bucket

import (
	"context"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Module sets up one store for Tempo.
type Module struct{}

var _ converge.Module[Args, Spec, Status] = Module{}

// New returns the module.
func New() converge.Runner { return converge.NewRunner(Module{}) }

// client works on one store for one run.
type client struct {
	store  minio.Reader
	writer plan.Writer[minio.Writer]
	// keyWritten and proven say what this run has done already.
	keyWritten, proven bool
}

// Connect makes the clients of the store.
func (Module) Connect(_ context.Context, spec Spec) (converge.Client[Spec, Status], error) {
	server, err := minio.Open(spec.Access)
	if err != nil {
		return nil, err
	}
	return &client{store: server, writer: plan.NewWriter[minio.Writer](server)}, nil
}

// Result returns what exists by name, and never a secret.
func (c *client) Result(spec Spec, status Status) map[string]any {
	result := map[string]any{"endpoint": spec.URL(), "verified": status.Store.Proven}
	if status.Bucket != nil {
		result["bucket"] = map[string]any{"name": spec.Bucket, "region": status.Store.Region, "public": len(status.Bucket.Policy.Public()) > 0}
	}
	if status.User != nil && status.Store.Admin {
		result["user"] = map[string]any{"name": spec.User, "enabled": status.User.Enabled, "policies": status.User.Policies}
	}
	if status.Policy != nil {
		result["policy"] = map[string]any{"name": spec.PolicyName, "document": status.Policy.Normal()}
	}
	return result
}
