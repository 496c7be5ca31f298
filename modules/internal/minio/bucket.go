// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"errors"

	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/fault"
)

// BucketPolicy reads a bucket's own policy, which says what everybody may do
// there; nil when it has none. Found is false when there is no such bucket. The
// one call also proves the login and the region.
func (s *Server) BucketPolicy(ctx context.Context, bucket string) (document Document, found bool, err error) {
	text, err := s.store.GetBucketPolicy(ctx, bucket)
	if none := s.noStore(); none != nil && text == "" {
		return nil, false, fault.During("read bucket "+bucket, none)
	}
	if region := elsewhere(err); region != "" {
		return s.fromRegion(ctx, region, bucket)
	}
	if unknownCall(err) {
		return s.withoutPolicies(ctx, bucket)
	}
	if Code(err) == s3.NoSuchBucket {
		return nil, false, nil
	}
	if err != nil || text == "" {
		return nil, err == nil, Failed("read bucket "+bucket, err)
	}
	if document, err = parsed([]byte(text)); err != nil || !document.isPolicy() {
		return nil, false, fault.New(fault.Unreachable, portHint, "read bucket %s: the answer is not that of an S3 store", bucket)
	}
	return document, true, nil
}

// withoutPolicies looks for a bucket in a store whose buckets have no policies of
// their own, such as Garage (2.5.0, src/api/s3/api_server.rs, handle).
func (s *Server) withoutPolicies(ctx context.Context, bucket string) (Document, bool, error) {
	found, err := s.store.BucketExists(ctx, bucket)
	return nil, found, Failed("read bucket "+bucket, err)
}

// fromRegion takes the region that the server named when none was asked for,
// and refuses it when it is not the one that was.
func (s *Server) fromRegion(ctx context.Context, region, bucket string) (Document, bool, error) {
	if s.access.Region != "" {
		return nil, false, fault.New(fault.Conflict, "set region: "+region+", here and for Tempo; a bucket cannot be moved",
			"read bucket %s: the store has it in region %s, not %s", bucket, region, s.access.Region)
	}
	if err := s.moveTo(region); err != nil {
		return nil, false, err
	}
	return s.BucketPolicy(ctx, bucket)
}

// moveTo signs for another region from now on.
func (s *Server) moveTo(region string) error {
	s.access.Region = region
	return s.connect()
}

// elsewhere is the region that the server expects instead of the one that the
// request was signed for, or "".
func elsewhere(err error) string {
	var answer s3.ErrorResponse
	if !errors.As(err, &answer) {
		return ""
	}
	switch answer.Code {
	case s3.AuthorizationHeaderMalformed, s3.InvalidRegion, "PermanentRedirect":
		return answer.Region
	}
	return ""
}

// CreateBucket creates a private bucket.
func (s *Server) CreateBucket(ctx context.Context, bucket string, objectLock bool) error {
	err := s.store.MakeBucket(ctx, bucket, s3.MakeBucketOptions{Region: s.Region(), ObjectLocking: objectLock})
	if err != nil && Code(err) != s3.BucketAlreadyOwnedByYou { // then an earlier attempt got through and its answer was lost
		return Failed("create bucket "+bucket, err)
	}
	if !objectLock {
		return nil
	}
	return s.checkLocked(ctx, bucket)
}

// checkLocked notices a store that creates a bucket and ignores that it should have
// object lock.
func (s *Server) checkLocked(ctx context.Context, bucket string) error {
	locked, err := s.ObjectLock(ctx, bucket)
	if err != nil || locked {
		return err
	}
	return fault.New(fault.Unsupported, "leave object_lock out: this store lacks the feature",
		"create bucket %s: the store made it without object lock", bucket)
}
