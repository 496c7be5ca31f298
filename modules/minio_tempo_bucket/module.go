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
	// keyWritten is set once this run has written the user's key.
	keyWritten bool
}

var _ converge.Module[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result returns the names of what is there, and the policy's document.
func (m *Module) Result(args Args, have State) map[string]any {
	result := map[string]any{"endpoint": args.Access.URL()}
	if have.Bucket != nil {
		result["bucket"] = map[string]any{"name": args.Bucket, "region": have.Bucket.Region, "public": have.Bucket.Public}
	}
	if have.User != nil {
		result["user"] = map[string]any{"name": args.User, "enabled": have.User.Enabled, "policies": have.User.Policies}
	}
	if have.Policy != nil {
		result["policy"] = map[string]any{"name": args.policyName(), "document": have.Policy}
	}
	return result
}
