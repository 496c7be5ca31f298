// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
)

// tenants are how many send spans where blocks are compared by their times.
const tenants = 8

// An ingester puts a block that it cuts by itself into its queue up to ten seconds later, and its shutdown waits for the
// queue alone: each block is either stored or abandoned.
func TestBlocksComeLateIntoTheQueue(t *testing.T) {
	each(t, "3.0", func(t *testing.T, p program) {
		t.Parallel()
		s := p.start(t, "multitenancy_enabled: true\n")
		s.exportAll(t)
		require.Eventually(t, func() bool { return len(s.stored(t)) == tenants }, 2*time.Minute, 200*time.Millisecond)
		first, last := time.Now(), time.Time{}
		for _, meta := range s.stored(t) {
			info, err := os.Stat(meta)
			require.NoError(t, err)
			if first.After(info.ModTime()) {
				first = info.ModTime()
			}
			if last.Before(info.ModTime()) {
				last = info.ModTime()
			}
		}
		require.Greater(t, last.Sub(first), time.Second, "each at a time of its own, though they were cut together")

		s.exportAll(t)
		require.Eventually(t, func() bool { return s.said(t, "head block cut") == 2*tenants }, 2*time.Minute, 100*time.Millisecond)
		status, _, _ := call(http.MethodPost, "http://"+s.http+"/shutdown", nil, nil)
		require.Equal(t, http.StatusOK, status)
		require.Eventually(t, func() bool {
			_, _, body := s.get("/ready", nil)
			return strings.Contains(body, "Terminated: 1")
		}, 2*time.Minute, 200*time.Millisecond)
		require.Eventually(t, func() bool {
			return len(s.stored(t))+s.said(t, "Abandoning op in flush queue because ingester is shutting down") == 2*tenants
		}, 2*time.Minute, 200*time.Millisecond)
	})
}

// exportAll sends a trace of each tenant.
func (s server) exportAll(t *testing.T) {
	t.Helper()
	for i := range tenants {
		require.NoError(t, s.export(t, metadata.AppendToOutgoingContext(t.Context(), "x-scope-orgid", fmt.Sprint("tenant-", i)), byHTTP))
	}
}

// stored are the blocks of all tenants.
func (s server) stored(t *testing.T) []string {
	t.Helper()
	metas, err := filepath.Glob(filepath.Join(s.folder, "blocks", "*", "*", "meta.json"))
	require.NoError(t, err)
	return metas
}

// said is how many lines of the log have the words.
func (s server) said(t *testing.T, words string) int {
	t.Helper()
	log, err := os.ReadFile(s.log)
	require.NoError(t, err)
	return strings.Count(string(log), words)
}

// What an ingester tells of itself: a drain is judged by it.
func TestMetricsOfTheIngester(t *testing.T) {
	each(t, "3.0", func(t *testing.T, p program) {
		t.Parallel()
		s := p.start(t, "")
		started := s.metric("process_start_time_seconds")
		require.NotEmpty(t, started)
		s.send(t)
		status, _, _ := call(http.MethodPost, "http://"+s.http+"/flush", nil, nil)
		require.Equal(t, http.StatusNoContent, status)
		for name, value := range map[string]string{
			"tempo_ingester_blocks_flushed_total":                         "1",
			"tempo_ingester_failed_flushes_total":                         "0",
			"tempo_ingester_flush_queue_length":                           "0",
			`tempo_ingester_live_traces{tenant="single-tenant"}`:          "0",
			`tempo_ingester_traces_created_total{tenant="single-tenant"}`: "4",
		} {
			require.Eventually(t, func() bool { return s.metric(name) == value }, time.Minute, 200*time.Millisecond, name)
		}
		require.Equal(t, started, s.metric("process_start_time_seconds"))
	})
}

// metric is the value of a series, "" without one.
func (s server) metric(series string) string {
	_, _, page := s.get("/metrics", nil)
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (.*)$`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return found[1]
}
