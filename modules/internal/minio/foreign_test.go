// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// A proxy's page in the place of an answer is named as what it is.
func TestSuccessesThatAreNoStores(t *testing.T) {
	pages := map[string]struct{ kind, body string }{
		"a login page":   {"text/html", "<!doctype html><html><body><form>Log in</form></body></html>"},
		"another server": {"application/json", `["not", "what", "was", "asked"]`},
		"cut off":        {"application/xml", "<LifecycleConfiguration><Rule>"},
	}
	calls := map[string]func(context.Context, *Server) error{
		"read lifecycle of bucket traces":     func(ctx context.Context, s *Server) error { _, err := s.Lifecycle(ctx, "traces"); return err },
		"read versioning of bucket traces":    func(ctx context.Context, s *Server) error { _, err := s.Versioning(ctx, "traces"); return err },
		"read object lock of bucket traces":   func(ctx context.Context, s *Server) error { _, err := s.ObjectLock(ctx, "traces"); return err },
		"read quota of bucket traces":         func(ctx context.Context, s *Server) error { _, err := s.Quota(ctx, "traces"); return err },
		"read tags of bucket traces":          func(ctx context.Context, s *Server) error { _, err := s.Tags(ctx, "traces"); return err },
		"count the objects of bucket traces":  func(ctx context.Context, s *Server) error { _, err := s.CountObjects(ctx, "traces", 1); return err },
		"read policy tempo":                   func(ctx context.Context, s *Server) error { _, err := s.Policy(ctx, "tempo"); return err },
		"remove the objects of bucket traces": func(ctx context.Context, s *Server) error { return s.RemoveObjects(ctx, "traces", "") },
	}
	for name, page := range pages {
		for doing, call := range calls {
			t.Run(doing+", "+name, func(t *testing.T) {
				err := call(t.Context(), answering(t, 200, page.kind, page.body))
				require.EqualError(t, err, doing+": the answer is not the store's")
				require.Contains(t, fault.HintOf(err), "check the endpoint")
			})
		}
	}
}
