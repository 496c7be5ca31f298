// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"encoding/json"
	"path"
	"strings"
	"time"

	s3 "github.com/minio/minio-go/v7"
)

// Usage is how much room Tempo's blocks take.
type Usage struct {
	// Bytes are those of all objects, Largest those of the largest block.
	Bytes, Largest int64
	// Blocks is how many there are that are not deleted.
	Blocks int
	// Since is when the oldest span came in; zero without a block.
	Since time.Time
}

// Usage looks at all objects of a bucket below a prefix, and into the block that
// was stored first.
func (s *Server) Usage(ctx context.Context, bucket, prefix string) (used Usage, err error) {
	sizes, first := map[string]int64{}, s3.ObjectInfo{}
	for object := range s.listed(ctx, bucket, prefix) {
		if object.Err != nil {
			return Usage{}, Failed("list the blocks in bucket "+bucket, object.Err)
		}
		block := path.Dir(object.Key)
		sizes[block] += object.Size
		used.Bytes += object.Size
		used.Largest = max(used.Largest, sizes[block])
		if !strings.HasSuffix(object.Key, metaName) {
			continue
		}
		if used.Blocks++; used.Blocks == 1 || object.LastModified.Before(first.LastModified) {
			first = object
		}
	}
	if used.Blocks == 0 {
		return used, nil
	}
	used.Since, err = s.began(ctx, bucket, first)
	return used, err
}

// began is when the first span of a block came in (grafana/tempo
// tempodb/backend/block_meta.go, startTime), which is earlier than when it was
// written: compaction rewrites blocks.
func (s *Server) began(ctx context.Context, bucket string, meta s3.ObjectInfo) (time.Time, error) {
	text, err := s.description(ctx, bucket, meta)
	if err != nil {
		return time.Time{}, err
	}
	var content struct{ StartTime time.Time }
	if json.Unmarshal(text, &content) != nil || content.StartTime.IsZero() {
		return time.Time{}, notTempos(bucket, meta, "it does not say when the block began")
	}
	return content.StartTime, nil
}
