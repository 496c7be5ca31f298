// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

const tenant = "single-tenant"

// record is one span of a trace.
func record(t *testing.T, trace, span byte) Record {
	t.Helper()
	traces := ptrace.NewTraces()
	one := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	one.SetTraceID(pcommon.TraceID{trace})
	one.SetSpanID(pcommon.SpanID{span})
	one.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	one.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	raw, err := spans.Encode(traces)
	require.NoError(t, err)
	return Record{one.TraceID(), raw}
}

func testStore(t *testing.T, version string, change func(*config.Config)) *Store {
	t.Helper()
	e, err := edition.Parse(version)
	require.NoError(t, err)
	c := config.Defaults(e)
	c.Storage.Trace.Backend, c.Storage.Trace.Local.Path = "local", t.TempDir()
	if change != nil {
		change(&c)
	}
	s, err := Open(t.Context(), c)
	require.NoError(t, err)
	return s
}

func TestUnpackReadsPack(t *testing.T) {
	all := []Record{record(t, 1, 1), record(t, 2, 1)}
	packed := Pack(all)
	read, err := Unpack(packed)
	require.NoError(t, err)
	require.Equal(t, all, read)
	read, err = Unpack(packed[:len(packed)-1])
	require.Error(t, err, "the last one is cut off")
	require.Equal(t, all[:1], read)
}

func TestBlocksAreMergedAndDeleted(t *testing.T) {
	for _, version := range []string{"1.5.0", "2.10.8", "3.0.3"} {
		t.Run(version, func(t *testing.T) {
			ctx := t.Context()
			s := testStore(t, version, nil)
			require.NoError(t, s.Flush(ctx, tenant, []Record{record(t, 1, 1), record(t, 2, 1)}))
			require.NoError(t, s.Flush(ctx, tenant, []Record{record(t, 1, 2)}))
			require.NoError(t, s.Poll(ctx, true))
			require.Len(t, s.Blocks(tenant), 2)

			s.Compact(ctx)
			require.NoError(t, s.Poll(ctx, true))
			require.Len(t, s.Blocks(tenant), 1)
			require.Len(t, s.olds(tenant), 2, "they are marked")
			found, err := s.Find(ctx, tenant, pcommon.TraceID{1})
			require.NoError(t, err)
			require.Len(t, found, 1)
			trace, err := spans.Decode(found[0].Raw)
			require.NoError(t, err)
			require.Equal(t, 2, trace.SpanCount(), "both parts of it")

			for _, rules := range []*config.Compacting{&s.config.Compactor, &s.config.Worker} {
				rules.Compaction.Retention, rules.Compaction.Compacted = -time.Hour, -time.Hour
			}
			s.Retain(ctx)
			left, err := s.backend.folders(ctx, tenant+"/")
			require.NoError(t, err)
			require.Empty(t, left, "nothing but the index")
		})
	}
}

// One that holds what two versions stored would be read by neither of them, or only by the older one.
func TestBlocksOfTwoVersionsAreNotMerged(t *testing.T) {
	cases := map[string]struct{ reason, older, newer string }{
		"another format":      {"v2 and vParquet4", "1.5.0", "2.10.8"},
		"another replication": {"both vParquet4, but from 3 on each span is stored once", "2.10.8", "3.0.3"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			before := testStore(t, test.older, nil)
			after := testStore(t, test.newer, func(c *config.Config) { c.Storage.Trace.Local.Path = before.config.Storage.Trace.Local.Path })
			for i, s := range []*Store{before, before, after, after} {
				require.NoError(t, s.Flush(t.Context(), tenant, []Record{record(t, byte(i+1), 1)}))
			}
			require.NoError(t, after.Poll(t.Context(), true))
			after.Compact(t.Context())
			require.NoError(t, after.Poll(t.Context(), true))
			var formats []string
			for _, meta := range after.Blocks(tenant) {
				formats = append(formats, meta.Format)
				require.Equal(t, 2, meta.Objects, test.reason)
			}
			require.ElementsMatch(t, []string{before.Format(), after.Format()}, formats, test.reason)
		})
	}
}

func TestAnotherReadsTheIndex(t *testing.T) {
	writes := testStore(t, "2.10.8", nil)
	require.NoError(t, writes.Flush(t.Context(), tenant, []Record{record(t, 1, 1)}))
	require.NoError(t, writes.Poll(t.Context(), true))
	reads := testStore(t, "2.10.8", func(c *config.Config) { c.Storage.Trace.Local.Path = writes.config.Storage.Trace.Local.Path })
	require.NoError(t, reads.Poll(t.Context(), false))
	require.Equal(t, writes.Blocks(tenant)[0].ID, reads.Blocks(tenant)[0].ID)
}

func TestReadable(t *testing.T) {
	cases := map[string]struct {
		reason, format, version string
		want                    bool
	}{
		"its own":     {"the current format", "v2", "1.5.0", true},
		"newer":       {"it did not exist", "vParquet4", "1.5.0", false},
		"older":       {"2.9 reads it", "vParquet2", "2.9.5", true},
		"too old":     {"dropped in 2.10", "vParquet2", "2.10.8", false},
		"the first":   {"dropped in 2.5", "vParquet", "2.5.0", false},
		"older, 3":    {"3.0 reads it", "vParquet3", "3.0.3", true},
		"v2 in 2":     {"supported in all of 2.x", "v2", "2.10.8", true},
		"v2 in 3":     {"of 1.5", "v2", "3.0.3", false},
		"the same, 3": {"written by 2.6 and newer", "vParquet4", "3.0.3", true},
		"none":        {"no such format", "vParquet9", "3.0.3", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := edition.Parse(test.version)
			require.NoError(t, err)
			require.Equal(t, test.want, Readable(test.format, e), test.reason)
		})
	}
}
