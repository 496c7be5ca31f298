// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// most is how many blocks are merged at a time.
const most = 4

// rules say how blocks are merged and when they are deleted.
func (s *Store) rules() config.Compacting {
	if s.config.Edition.From(3, 0) {
		return s.config.Worker
	}
	return s.config.Compactor
}

// Compact merges blocks of one window and level, and marks the merged ones; failures are retried in the next
// cycle.
func (s *Store) Compact(ctx context.Context) {
	for _, tenant := range s.Tenants() {
		slog.Info("starting compaction cycle", "tenantID", tenant)
		for _, group := range s.groups(tenant) {
			if err := s.merge(ctx, tenant, group); err != nil {
				slog.Error("error during compaction cycle", "tenantID", tenant, "err", err)
			}
		}
	}
}

// groups are the blocks of a tenant that may be merged: only those of one format, and only those that hold each span equally
// often (grafana/tempo, tempodb/blockselector/compaction_block_selector.go).
func (s *Store) groups(tenant string) [][]Meta {
	type place struct {
		window, level int64
		format        string
		replication   int
	}
	window := max(s.rules().Compaction.Window, time.Minute)
	var order []place
	groups := map[place][]Meta{}
	for _, meta := range s.Blocks(tenant) {
		at := place{meta.End.Unix() / int64(window.Seconds()), int64(meta.Level), meta.Format, meta.Replication}
		if groups[at] == nil {
			order = append(order, at)
		}
		groups[at] = append(groups[at], meta)
	}
	var all [][]Meta
	for _, at := range order {
		for group := range slices.Chunk(groups[at], most) {
			if len(group) > 1 {
				all = append(all, group)
			}
		}
	}
	return all
}

func (s *Store) merge(ctx context.Context, tenant string, group []Meta) error {
	var records []Record
	for _, meta := range group {
		found, err := readBlock(ctx, s.backend, meta)
		if err != nil {
			return err
		}
		records = append(records, found...)
	}
	merged, err := Merge(records)
	if err != nil {
		return err
	}
	meta := newMeta(group[0].Format, tenant, merged, group[0].Level+1)
	if err := writeBlock(ctx, s.backend, meta, merged, true); err != nil {
		return err
	}
	s.replace(tenant, meta)
	for _, old := range group {
		if err := s.mark(ctx, old); err != nil {
			return err
		}
	}
	return nil
}

// replace adds a block to the list.
func (s *Store) replace(tenant string, meta Meta) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.live[tenant] = append(s.live[tenant], meta)
}

// mark marks a block as compacted.
func (s *Store) mark(ctx context.Context, meta Meta) error {
	if err := s.backend.copy(ctx, meta.at(metaName), meta.at(compactedName)); err != nil {
		return err
	}
	if err := s.backend.remove(ctx, meta.at(metaName)); err != nil {
		return err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.live[meta.Tenant] = slices.DeleteFunc(s.live[meta.Tenant], func(m Meta) bool { return m.ID == meta.ID })
	s.old[meta.Tenant] = append(s.old[meta.Tenant], compacted{meta, time.Now()})
	return nil
}

// Retain marks blocks that are too old, and deletes those that were marked long enough ago.
func (s *Store) Retain(ctx context.Context) {
	rules := s.rules().Compaction
	for _, tenant := range s.Tenants() {
		for _, meta := range s.Blocks(tenant) {
			if meta.End.After(time.Now().Add(-rules.Retention)) {
				continue
			}
			slog.Info("marking block for deletion", "blockID", meta.ID.String(), "tenantID", tenant)
			if err := s.mark(ctx, meta); err != nil {
				slog.Error("failed to mark block compacted during retention", "blockID", meta.ID.String(), "tenantID", tenant, "err", err)
			}
		}
		for _, old := range s.olds(tenant) {
			if old.Since.After(time.Now().Add(-rules.Compacted)) {
				continue
			}
			slog.Info("deleting block", "blockID", old.ID.String(), "tenantID", tenant)
			if err := s.clear(ctx, old.Meta); err != nil {
				slog.Error("failed to clear compacted block during retention", "blockID", old.ID.String(), "tenantID", tenant, "err", err)
			}
		}
	}
}

func (s *Store) olds(tenant string) []compacted {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.old[tenant])
}

// clear deletes a block, object by object.
func (s *Store) clear(ctx context.Context, meta Meta) error {
	objects, err := s.backend.objects(ctx, meta.at(""))
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := s.backend.remove(ctx, meta.at(object.name)); err != nil {
			return err
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.old[meta.Tenant] = slices.DeleteFunc(s.old[meta.Tenant], func(c compacted) bool { return c.ID == meta.ID })
	return nil
}
