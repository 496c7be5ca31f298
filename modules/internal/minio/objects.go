// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"iter"

	s3 "github.com/minio/minio-go/v7"
)

// CountObjects counts the objects of a bucket, every version and delete marker
// as one, up to a limit; 0 is no limit.
func (s *Server) CountObjects(ctx context.Context, bucket string, limit int) (int, error) {
	count := 0
	for object := range s.objects(ctx, bucket, "") {
		if object.Err != nil {
			return count, Failed("count the objects of bucket "+bucket, object.Err)
		}
		if count++; count == limit {
			break
		}
	}
	return count, nil
}

// RemoveObjects removes the objects whose names have the prefix, with every version.
func (s *Server) RemoveObjects(ctx context.Context, bucket, prefix string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	doing := "remove the objects of bucket " + bucket
	names, failed := make(chan s3.ObjectInfo), make(chan error, 1)
	go func() {
		defer close(names)
		failed <- s.feed(ctx, bucket, prefix, names)
	}()
	for removed := range s.store.RemoveObjects(ctx, bucket, names, s3.RemoveObjectsOptions{}) {
		if removed.Err != nil {
			return Failed(doing, removed.Err)
		}
	}
	return Failed(doing, <-failed)
}

// feed lists objects into a channel until the context ends.
func (s *Server) feed(ctx context.Context, bucket, prefix string, names chan<- s3.ObjectInfo) error {
	for object := range s.objects(ctx, bucket, prefix) {
		if object.Err != nil {
			return object.Err
		}
		select {
		case names <- object:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// listed lists objects without their versions. No region having been asked for, it
// takes the one that the store names.
func (s *Server) listed(ctx context.Context, bucket, prefix string) iter.Seq[s3.ObjectInfo] {
	return func(yield func(s3.ObjectInfo) bool) {
		options := s3.ListObjectsOptions{Prefix: prefix, Recursive: true}
		for object := range s.store.ListObjectsIter(ctx, bucket, options) {
			if region := elsewhere(object.Err); region != "" && s.access.Region == "" && s.moveTo(region) == nil {
				s.store.ListObjectsIter(ctx, bucket, options)(yield)
				return
			}
			if !yield(object) {
				return
			}
		}
	}
}

// objects lists versions, or plain objects on a store that has no versions.
func (s *Server) objects(ctx context.Context, bucket, prefix string) iter.Seq[s3.ObjectInfo] {
	return func(yield func(s3.ObjectInfo) bool) {
		options := s3.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: true}
		for object := range s.store.ListObjectsIter(ctx, bucket, options) {
			if unknownCall(object.Err) {
				options.WithVersions = false
				s.store.ListObjectsIter(ctx, bucket, options)(yield)
				return
			}
			if !yield(object) {
				return
			}
		}
	}
}

// RemoveBucket removes an empty bucket; it may be absent.
func (s *Server) RemoveBucket(ctx context.Context, bucket string) error {
	err := s.store.RemoveBucket(ctx, bucket)
	if Code(err) == s3.NoSuchBucket {
		return nil
	}
	return Failed("remove bucket "+bucket, err)
}
