// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"maps"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/tags"
)

// The words for a bucket's versioning. Off is the state of a bucket that never
// had it: S3 knows no way back to it, only Suspended.
const (
	VersioningOn        = "on"
	VersioningOff       = "off"
	VersioningSuspended = "suspended"
)

// Versioning reads a bucket's versioning.
func (s *Server) Versioning(ctx context.Context, bucket string) (string, error) {
	config, err := s.store.GetBucketVersioning(ctx, bucket)
	switch {
	case err != nil:
		return "", Failed("read versioning of bucket "+bucket, err)
	case config.Enabled():
		return VersioningOn, nil
	case config.Suspended():
		return VersioningSuspended, nil
	}
	return VersioningOff, nil
}

// SetVersioning switches a bucket's versioning on, or suspends it.
func (s *Server) SetVersioning(ctx context.Context, bucket string, on bool) error {
	set := s.store.SuspendVersioning
	if on {
		set = s.store.EnableVersioning
	}
	return Failed("set versioning of bucket "+bucket, set(ctx, bucket))
}

// ObjectLock reads whether a bucket was made with object lock. In a store that
// lacks the feature none was.
func (s *Server) ObjectLock(ctx context.Context, bucket string) (bool, error) {
	state, _, _, _, err := s.store.GetObjectLockConfig(ctx, bucket)
	if Code(err) == "ObjectLockConfigurationNotFoundError" || unknownCall(err) {
		return false, nil
	}
	return state == "Enabled", Failed("read object lock of bucket "+bucket, err)
}

// Quota reads a bucket's quota in bytes; 0 is none.
func (s *Server) Quota(ctx context.Context, bucket string) (uint64, error) {
	quota, err := s.admin.GetBucketQuota(ctx, bucket)
	if Code(err) == "XMinioAdminNoSuchQuotaConfiguration" {
		return 0, nil
	}
	return max(quota.Size, quota.Quota), Failed("read quota of bucket "+bucket, err)
}

// SetQuota sets a bucket's quota in bytes; 0 removes it. Servers from before
// August 2023 read the field that madmin-go calls deprecated.
func (s *Server) SetQuota(ctx context.Context, bucket string, bytes uint64) error {
	quota := &madmin.BucketQuota{Size: bytes, Quota: bytes, Type: madmin.HardQuota}
	return Failed("set quota of bucket "+bucket, s.admin.SetBucketQuota(ctx, bucket, quota))
}

// Tags reads a bucket's tags.
func (s *Server) Tags(ctx context.Context, bucket string) (map[string]string, error) {
	found, err := s.store.GetBucketTagging(ctx, bucket)
	if Code(err) == s3.NoSuchTagSet {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, Failed("read tags of bucket "+bucket, err)
	}
	return found.ToMap(), nil
}

// CheckTags applies the SDK's rules for a bucket's tags.
func CheckTags(wanted map[string]string) error {
	_, err := tags.MapToBucketTags(wanted)
	return err
}

// SetTags replaces a bucket's tags.
func (s *Server) SetTags(ctx context.Context, bucket string, wanted map[string]string) error {
	set, err := tags.MapToBucketTags(maps.Clone(wanted))
	if err == nil {
		err = s.store.SetBucketTagging(ctx, bucket, set)
	}
	return Failed("set tags of bucket "+bucket, err)
}
