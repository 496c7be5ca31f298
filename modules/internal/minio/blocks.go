// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Block is a block of traces that Tempo has stored.
type Block struct {
	// Format is that of the block, such as vParquet4.
	Format string
	// Stored is when it was stored.
	Stored time.Time
}

// metaName is the object of a block that says what it is; the one of a block that
// was compacted has another name (grafana/tempo tempodb/backend/backend.go).
const metaName = "/meta.json"

// maxMeta bounds one in bytes.
const maxMeta = 1 << 20

// EdgeBlocks are the oldest and the newest of Tempo's blocks in a bucket, below a
// prefix, and how many there are in all. One alone is both.
func (s *Server) EdgeBlocks(ctx context.Context, bucket, prefix string) (oldest, newest Block, count int, err error) {
	var first, last s3.ObjectInfo
	for object := range s.listed(ctx, bucket, prefix) {
		if object.Err != nil {
			return oldest, newest, 0, Failed("list the blocks in bucket "+bucket, object.Err)
		}
		if !strings.HasSuffix(object.Key, metaName) {
			continue
		}
		if count++; count == 1 || object.LastModified.Before(first.LastModified) {
			first = object
		}
		if count == 1 || object.LastModified.After(last.LastModified) {
			last = object
		}
	}
	if count == 0 {
		return oldest, newest, 0, nil
	}
	if oldest, err = s.block(ctx, bucket, first); err != nil {
		return oldest, newest, count, err
	}
	newest, err = s.block(ctx, bucket, last)
	return oldest, newest, count, err
}

// block reads what a block says of itself (grafana/tempo
// tempodb/backend/block_meta.go: the version has the key format).
func (s *Server) block(ctx context.Context, bucket string, meta s3.ObjectInfo) (Block, error) {
	text, err := s.description(ctx, bucket, meta)
	if err != nil {
		return Block{}, err
	}
	var content struct{ Format string }
	if json.Unmarshal(text, &content) != nil || content.Format == "" {
		return Block{}, notTempos(bucket, meta, "it is not the description of a block")
	}
	return Block{Format: content.Format, Stored: meta.LastModified}, nil
}

// description is the content of a block's meta.json.
func (s *Server) description(ctx context.Context, bucket string, meta s3.ObjectInfo) ([]byte, error) {
	object, err := s.store.GetObject(ctx, bucket, meta.Key, s3.GetObjectOptions{})
	if err != nil {
		return nil, Failed(reading(bucket, meta), err)
	}
	defer func() { _ = object.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(object, maxMeta))
	if err != nil {
		return nil, Failed(reading(bucket, meta), err)
	}
	return text, nil
}

func reading(bucket string, meta s3.ObjectInfo) string {
	return "read " + meta.Key + " in bucket " + bucket
}

func notTempos(bucket string, meta s3.ObjectInfo, why string) error {
	return fault.New(fault.Rejected, "check that the bucket is Tempo's", "%s: %s", reading(bucket, meta), why)
}
