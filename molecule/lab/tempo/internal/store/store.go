// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// Store is what a process knows of the blocks.
type Store struct {
	config  config.Config
	backend backend
	format  string

	lock sync.Mutex
	// live and old map tenants to their blocks as last listed.
	live map[string][]Meta
	old  map[string][]compacted
}

// Open opens the store and lists it once.
func Open(ctx context.Context, c config.Config) (*Store, error) {
	backend, err := open(ctx, c)
	if err != nil {
		return nil, err
	}
	format := c.Storage.Trace.Block.Version
	if format == "" {
		format = FormatOf(c.Edition)
	}
	return &Store{config: c, backend: backend, format: format, live: map[string][]Meta{}, old: map[string][]compacted{}}, nil
}

// Writable says whether the edition writes blocks of the configured format.
func (s *Store) Writable() bool { return Readable(s.format, s.config.Edition) }

// Format is the format of new blocks.
func (s *Store) Format() string { return s.format }

// Flush writes a block of records, which may hold several parts of a trace.
func (s *Store) Flush(ctx context.Context, tenant string, records []Record) error {
	merged, err := Merge(records)
	if err != nil || len(merged) == 0 {
		return err
	}
	meta := newMeta(s.format, tenant, merged, 0)
	if s.config.Edition.From(3, 0) {
		meta.Replication, meta.Encoding = 1, ""
	}
	if err := writeBlock(ctx, s.backend, meta, merged, false); err != nil {
		return err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.live[tenant] = append(s.live[tenant], meta)
	return nil
}

// Blocks are the blocks of a tenant, as last listed.
func (s *Store) Blocks(tenant string) []Meta {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.live[tenant])
}

// Tenants are those that have blocks.
func (s *Store) Tenants() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Sorted(maps.Keys(s.live))
}

// Find returns the parts of a trace that are in blocks.
func (s *Store) Find(ctx context.Context, tenant string, id spans.ID) ([]Record, error) {
	var all []Record
	for _, meta := range s.Blocks(tenant) {
		records, err := find(ctx, s.backend, meta, id)
		if err != nil && !gone(err) {
			return nil, err
		}
		slog.Debug("searching for trace in block", "findTraceID", id.String(), "block", meta.ID.String(), "found", len(records) > 0)
		all = append(all, records...)
	}
	return all, nil
}

// All returns all traces of blocks that overlap a time range; a zero end is no limit.
func (s *Store) All(ctx context.Context, tenant string, start, end time.Time) ([]Record, error) {
	var all []Record
	for _, meta := range s.Blocks(tenant) {
		if !end.IsZero() && (meta.Start.After(end) || meta.End.Before(start.Truncate(time.Second))) {
			continue
		}
		records, err := readBlock(ctx, s.backend, meta)
		if err != nil && !gone(err) {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

// Seed writes the object that identifies a cluster in the usage statistics; nothing is ever sent.
func (s *Store) Seed(ctx context.Context) error {
	if _, err := s.backend.read(ctx, seedName); !gone(err) {
		return err
	}
	return s.backend.write(ctx, seedName, []byte(`{"UID":"lab","created_at":"2026-01-01T00:00:00Z","version":{}}`))
}
