// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
)

// Blocks are stored in tempodb's layout (grafana/tempo, docs, Architecture), and hold what was sent.
func TestBlocks(t *testing.T) {
	each(t, "", func(t *testing.T, p program) {
		t.Parallel()
		s := p.start(t, "")
		s.send(t)
		require.Eventually(t, func() bool { return s.flushed(t) == 1 }, 40*time.Second, 200*time.Millisecond, "a block is flushed")
		format, objects := "vParquet4", []string{"bloom-0", "data.parquet", "index", "meta.json"}
		if !p.among(t, "2.0", "") {
			format, objects = "v2", []string{"bloom-0", "data", "index", "meta.json"}
		}
		block := s.blocks(t)[0]
		require.Equal(t, objects, names(t, block))
		text, err := os.ReadFile(filepath.Join(block, "meta.json"))
		require.NoError(t, err)
		for path, value := range map[string]string{"format": format, "blockID": filepath.Base(block), "tenantID": "single-tenant", "totalObjects": "4", "compactionLevel": "0", "bloomShards": "1"} {
			require.Equal(t, value, at(t, string(text), path), string(text))
		}
		var times struct{ StartTime, EndTime time.Time }
		require.NoError(t, json.Unmarshal(text, &times))
		require.WithinDuration(t, time.Now(), times.EndTime, time.Minute)
		require.Eventually(t, func() bool {
			return slices.Contains(names(t, filepath.Dir(block)), "index.json.gz")
		}, 20*time.Second, 200*time.Millisecond, "the compactor lists a tenant's blocks")
		require.Eventually(t, func() bool {
			status, _, _ := s.get("/api/traces/"+byHTTP+"?mode=blocks", nil)
			return status == http.StatusOK
		}, 20*time.Second, 200*time.Millisecond, "the block is read")
		status, _, body := s.get("/api/traces/"+byZipkin, nil)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "1", at(t, body, "batches|#"), "what is stored in two places is returned once")
	})
}

// blocks are the folders of the store that hold blocks.
func (s server) blocks(t *testing.T) []string {
	t.Helper()
	metas, err := filepath.Glob(filepath.Join(s.folder, "blocks", "single-tenant", "*", "meta.json"))
	require.NoError(t, err)
	var all []string
	for _, meta := range metas {
		all = append(all, filepath.Dir(meta))
	}
	return all
}

func (s server) flushed(t *testing.T) int { t.Helper(); return len(s.blocks(t)) }

func names(t *testing.T, folder string) []string {
	t.Helper()
	found, err := os.ReadDir(folder)
	require.NoError(t, err)
	var all []string
	for _, one := range found {
		all = append(all, one.Name())
	}
	return all
}

// Before 3 /flush writes all spans held; it returns before that is done.
func TestFlushAndShutdown(t *testing.T) {
	each(t, "3.0", func(t *testing.T, p program) { // the live store has neither
		t.Parallel()
		s := p.start(t, "")
		s.send(t)
		status, _, body := call(http.MethodPost, "http://"+s.http+"/flush", nil, nil)
		require.Equal(t, http.StatusNoContent, status)
		require.Empty(t, body)
		require.Eventually(t, func() bool { return s.flushed(t) == 1 }, 40*time.Second, 200*time.Millisecond)
		if p.among(t, "2.8", "") {
			status, _, _ = call(http.MethodPost, "http://"+s.http+"/flush?tenant=nosuch", nil, nil)
			require.Equal(t, http.StatusNotFound, status)
		}
		status, _, body = call(http.MethodPost, "http://"+s.http+"/shutdown", nil, nil)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "shutdown job acknowledged", body)
		require.Eventually(t, func() bool {
			status, _, body := s.get("/ready", nil)
			return status == http.StatusServiceUnavailable && strings.Contains(body, "Some services are not Running:") && strings.Contains(body, "Terminated: 1")
		}, 20*time.Second, 200*time.Millisecond, "the ingester has stopped, the process has not")
		status, _, _ = call(http.MethodPost, "http://"+s.zipkin+"/api/v2/spans", map[string]string{"Content-Type": "application/json"}, zipkin(nowhere, "web", "vote", 0))
		require.Equal(t, http.StatusInternalServerError, status, "no more spans are accepted")
	})
}

// Each tenant sees only its own data, and a request without one is refused.
func TestTenants(t *testing.T) {
	each(t, "", func(t *testing.T, p program) {
		t.Parallel()
		s := p.start(t, "multitenancy_enabled: true\n")
		of := func(tenant string) map[string]string { return map[string]string{"X-Scope-OrgID": tenant} }
		require.NoError(t, s.export(t, metadata.AppendToOutgoingContext(t.Context(), "x-scope-orgid", "one"), byHTTP))
		require.Error(t, s.export(t, t.Context(), byHTTP), "a span without a tenant is refused")
		for _, path := range []string{"/api/traces/" + byHTTP, "/api/search/tags"} {
			status, _, body := s.get(path, nil)
			require.Equal(t, http.StatusUnauthorized, status)
			require.Equal(t, "no org id\n", body)
		}
		status, _, _ := s.get("/api/traces/"+byHTTP, of("one"))
		require.Equal(t, http.StatusOK, status)
		status, _, _ = s.get("/api/traces/"+byHTTP, of("two"))
		require.Equal(t, http.StatusNotFound, status, "it belongs to another tenant")
		status, _, _ = s.get("/ready", nil)
		require.Equal(t, http.StatusOK, status, "it belongs to no tenant")
	})
}
