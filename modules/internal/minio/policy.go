// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"encoding/json"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Policy reads a named policy; nil when there is none, and empty when the server
// has one that it cannot return: that differs from any that is wanted.
func (s *Server) Policy(ctx context.Context, name string) (Document, error) {
	text, err := s.admin.InfoCannedPolicy(ctx, name) //nolint:staticcheck // the newer call adds only dates, and old servers do not know it
	s.transport.noteAdminError(err)
	switch {
	case unreadable(err):
		return Document{}, nil
	case missing(ctx, err, name, s.admin.ListCannedPolicies):
		return nil, nil
	case err != nil:
		return nil, Failed("read policy "+name, err)
	}
	answer, err := parsed(text)
	if err == nil && answer.isPolicy() {
		s.transport.minio.Store(true)
	}
	return answer.unwrapped(), Failed("read policy "+name, err)
}

// unwrapped is the document in an answer about a policy: MinIO's answer is the
// document itself, in RustFS' it is beside the policy's name and dates
// (rustfs 20d1266, crates/madmin/src/policy.rs, PolicyInfo).
func (d Document) unwrapped() Document {
	if document, wrapped := d["policy"].(map[string]any); wrapped {
		return document
	}
	return d
}

// PutPolicy creates a named policy or replaces its document.
func (s *Server) PutPolicy(ctx context.Context, name string, document Document) error {
	text, err := json.Marshal(document.written())
	if err != nil {
		return fault.During("write policy "+name, err)
	}
	return Failed("write policy "+name, s.admin.AddCannedPolicy(ctx, name, text))
}

// RemovePolicy removes a named policy; it may be absent.
func (s *Server) RemovePolicy(ctx context.Context, name string) error {
	err := s.admin.RemoveCannedPolicy(ctx, name)
	if missing(ctx, err, name, s.admin.ListCannedPolicies) {
		return nil
	}
	return Failed("remove policy "+name, err)
}
