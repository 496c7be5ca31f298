// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
)

// index is a tenant's list of blocks, written by the compactor for all others.
type index struct {
	Created   time.Time   `json:"created_at"`
	Live      []Meta      `json:"meta"`
	Compacted []compacted `json:"compacted"`
}

// Poll lists the blocks of all tenants. With builds it reads the blocks themselves and writes each tenant's index; others read
// that, and the blocks where there is none.
func (s *Store) Poll(ctx context.Context, builds bool) error {
	tenants, err := s.backend.folders(ctx, "")
	if err != nil {
		return err
	}
	live, old := map[string][]Meta{}, map[string][]compacted{}
	for _, tenant := range tenants {
		found, err := s.tenant(ctx, tenant, builds)
		if err != nil {
			return err
		}
		live[tenant], old[tenant] = found.Live, found.Compacted
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.live, s.old = live, old
	return nil
}

func (s *Store) tenant(ctx context.Context, tenant string, builds bool) (index, error) {
	if !builds {
		found, err := s.readIndex(ctx, tenant)
		if err == nil {
			return found, nil
		}
		slog.Error("failed to pull bucket index for tenant. falling back to polling", "tenant", tenant, "err", err)
	}
	found, err := s.look(ctx, tenant)
	if err != nil {
		return index{}, err
	}
	slog.Info("writing tenant index", "tenant", tenant, "metas", len(found.Live), "compactedMetas", len(found.Compacted))
	if err := s.writeIndex(ctx, tenant, found); err != nil {
		slog.Error("failed to write tenant index", "tenant", tenant, "err", err)
	}
	return found, nil
}

// look reads the meta of each block.
func (s *Store) look(ctx context.Context, tenant string) (index, error) {
	found := index{Created: time.Now(), Live: []Meta{}, Compacted: []compacted{}}
	objects, err := s.backend.objects(ctx, tenant+"/")
	if err != nil {
		return found, err
	}
	for _, object := range objects {
		block, name, _ := strings.Cut(object.name, "/")
		if _, err := uuid.Parse(block); err != nil || name != metaName && name != compactedName {
			continue
		}
		raw, err := s.backend.read(ctx, tenant+"/"+object.name)
		if gone(err) {
			continue
		}
		if err != nil {
			return found, err
		}
		var meta Meta
		if err := json.Unmarshal(raw, &meta); err != nil {
			return found, err
		}
		found.add(s, meta, name, object.changed)
	}
	return found, nil
}

func (i *index) add(s *Store, meta Meta, name string, changed time.Time) {
	switch {
	case name == compactedName:
		i.Compacted = append(i.Compacted, compacted{meta, changed})
	case !Readable(meta.Format, s.config.Edition):
		slog.Error("unsupported block version", "tenant", meta.Tenant, "block", meta.ID.String(), "version", meta.Format)
	default:
		i.Live = append(i.Live, meta)
	}
}

func (s *Store) readIndex(ctx context.Context, tenant string) (index, error) {
	var found index
	raw, err := s.backend.read(ctx, tenant+"/"+indexName)
	if err != nil {
		return found, err
	}
	plain, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return found, err
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal(text, &found)
}

func (s *Store) writeIndex(ctx context.Context, tenant string, found index) error {
	raw, err := json.Marshal(found)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(raw); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if err := s.backend.write(ctx, tenant+"/"+indexName, packed.Bytes()); err != nil || s.config.Edition.Before(2, 7) {
		return err
	}
	return s.backend.write(ctx, tenant+"/index.pb.zst", packed.Bytes())
}
