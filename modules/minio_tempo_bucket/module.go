// SPDX-License-Identifier: AGPL-3.0-or-later

// Package bucket is the module minio_tempo_bucket: the bucket, the user and the
// policy that Tempo needs in an S3 store.
package bucket

import (
	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/minio"
)

// Module sets up one store for Tempo.
type Module struct {
	server *minio.Server
	// keyWritten and proven say what this run has done already.
	keyWritten, proven bool
}

var _ converge.Direct[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result returns what is there by name, and never a secret.
func (m *Module) Result(args Args, have State) map[string]any {
	result := map[string]any{"endpoint": args.URL(), "verified": have.Store.Proven}
	if have.Bucket != nil {
		result["bucket"] = map[string]any{"name": args.Bucket, "region": have.Store.Region, "public": len(have.Bucket.Policy.Public()) > 0}
	}
	if have.User != nil && have.Store.Admin {
		result["user"] = map[string]any{"name": args.User, "enabled": have.User.Enabled, "policies": have.User.Policies}
	}
	if have.Policy != nil {
		result["policy"] = map[string]any{"name": args.policyName(), "document": have.Policy.Normal()}
	}
	return result
}
