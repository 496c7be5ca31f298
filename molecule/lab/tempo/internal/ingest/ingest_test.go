// SPDX-License-Identifier: AGPL-3.0-or-later

package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

const tenant = "single-tenant"

// lab is one disk: the folder of the log of 2 and of 3, and the store.
type lab struct{ folder string }

func (l lab) open(t *testing.T, version string) (*Ingester, *store.Store) {
	t.Helper()
	e, err := edition.Parse(version)
	require.NoError(t, err)
	c := config.Defaults(e)
	c.Storage.Trace.Backend, c.Storage.Trace.Local.Path = "local", filepath.Join(l.folder, "blocks")
	c.Storage.Trace.WAL.Path, c.LiveStore.WAL.Path = filepath.Join(l.folder, "wal"), filepath.Join(l.folder, "live-store", "traces")
	s, err := store.Open(t.Context(), c)
	require.NoError(t, err)
	i, err := New(c, s)
	require.NoError(t, err)
	return i, s
}

func one() ptrace.Traces {
	traces := ptrace.NewTraces()
	span := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(pcommon.TraceID{1})
	span.SetSpanID(pcommon.SpanID{1})
	return traces
}

func (l lab) has(t *testing.T, i *Ingester) int {
	t.Helper()
	records, err := i.Records(tenant)
	require.NoError(t, err)
	return len(records)
}

// What was cut is on disk, and the next process of the same kind has it; Tempo 3 does not look where 2 left it.
func TestWriteAheadLogSurvivesTheProcess(t *testing.T) {
	disk := lab{t.TempDir()}
	first, _ := disk.open(t, "2.10.8")
	require.NoError(t, first.Push(tenant, one()))
	require.Equal(t, 1, disk.has(t, first))
	first.cutTraces(true)

	three, _ := disk.open(t, "3.0.3")
	require.Zero(t, disk.has(t, three))
	second, blocks := disk.open(t, "2.10.8")
	require.Equal(t, 1, disk.has(t, second))
	second.of(tenant).done[0].queued = time.Now()
	second.flush(t.Context())
	require.Len(t, blocks.Blocks(tenant), 1)
	left, err := os.ReadDir(filepath.Join(disk.folder, "wal"))
	require.NoError(t, err)
	require.Empty(t, left, "what is in the store is not kept a second time")
	require.Equal(t, 1, disk.has(t, second), "it serves the block until the queriers know it")
}

// What was not cut is lost with a process that is killed.
func TestUncutTracesAreLost(t *testing.T) {
	disk := lab{t.TempDir()}
	killed, _ := disk.open(t, "2.10.8")
	require.NoError(t, killed.Push(tenant, one()))
	next, _ := disk.open(t, "2.10.8")
	require.Zero(t, disk.has(t, next))
}

// A block that was cut by itself is not in the queue at once. The end of the ingester leaves it in the log, and what comes
// after a flush is in a block as old as the flush.
func TestDrainAbandonsWhatIsNotQueued(t *testing.T) {
	disk := lab{t.TempDir()}
	i, blocks := disk.open(t, "2.10.8")
	i.times.Idle, i.times.Longest = 0, 0
	require.NoError(t, i.Push(tenant, one()))
	i.cut(false)
	i.of(tenant).done[0].queued = time.Now().Add(time.Hour)
	require.Contains(t, metrics(i), "tempo_ingester_flush_queue_length 0\n", "it is in no metric")
	i.Drain(t.Context())
	i.of(tenant).done[0].queued = time.Now()
	i.sweep(t.Context())
	require.Empty(t, blocks.Blocks(tenant))
	require.Equal(t, 1, disk.has(t, i))

	next, blocks := disk.open(t, "2.10.8")
	next.of(tenant).done[0].queued = time.Now()
	require.Contains(t, metrics(next), "tempo_ingester_flush_queue_length 1\n")
	next.Drain(t.Context())
	require.Len(t, blocks.Blocks(tenant), 1)
	require.Contains(t, metrics(next), "tempo_ingester_blocks_flushed_total 1\n")
}

// A second shutdown while the first still cuts ends the ingester under it.
func TestDrainedTwice(t *testing.T) {
	disk := lab{t.TempDir()}
	i, blocks := disk.open(t, "2.10.8")
	require.NoError(t, i.Push(tenant, one()))
	i.cutting.Store(true)
	i.Drain(t.Context())
	i.Cut()
	i.flush(t.Context())
	require.Empty(t, blocks.Blocks(tenant))
}

func metrics(i *Ingester) string {
	var page strings.Builder
	i.WriteMetrics(&page)
	return page.String()
}

func TestDrain(t *testing.T) {
	disk := lab{t.TempDir()}
	i, blocks := disk.open(t, "2.10.8")
	require.NoError(t, i.Push(tenant, one()))
	i.Drain(t.Context())
	require.Len(t, blocks.Blocks(tenant), 1)
	require.EqualError(t, i.Push(tenant, one()), "Ingester is shutting down")
}
