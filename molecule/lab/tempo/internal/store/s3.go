// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// bucket is a bucket of an S3 store.
type bucket struct {
	core   *minio.Core
	name   string
	prefix string
	tags   map[string]string
}

// openS3 makes a client and lists the bucket once, as Tempo does at startup.
func openS3(_ context.Context, c config.S3) (backend, error) {
	transport, err := transportOf(c)
	if err != nil {
		return nil, fmt.Errorf("unexpected error creating core: %w", err)
	}
	options := &minio.Options{Region: c.Region, Secure: !c.Insecure, Transport: transport, Creds: credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{},
		&credentials.Static{Value: credentials.Value{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey, SessionToken: c.SessionToken}},
		&credentials.EnvMinio{},
	})}
	if c.PathStyle {
		options.BucketLookup = minio.BucketLookupPath
	}
	core, err := minio.NewCore(c.Endpoint, options)
	if err != nil {
		return nil, fmt.Errorf("unexpected error creating core: %w", err)
	}
	prefix := strings.Trim(c.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	if _, err := core.ListObjects(c.Bucket, "", "", "/", 0); err != nil {
		return nil, fmt.Errorf("unexpected error from ListObjects on %s: %w", c.Bucket, err)
	}
	return bucket{core, c.Bucket, prefix, c.Tags}, nil
}

func (b bucket) folders(_ context.Context, prefix string) ([]string, error) {
	var all []string
	for marker, more := "", true; more; {
		page, err := b.core.ListObjects(b.name, b.prefix+prefix, marker, "/", 0)
		if err != nil {
			return nil, fmt.Errorf("error listing blocks in s3 bucket, bucket: %s: %w", b.name, err)
		}
		for _, one := range page.CommonPrefixes {
			all = append(all, strings.Trim(strings.TrimPrefix(one.Prefix, b.prefix+prefix), "/"))
		}
		marker, more = page.NextMarker, page.IsTruncated
	}
	return all, nil
}

func (b bucket) objects(_ context.Context, prefix string) ([]entry, error) {
	var all []entry
	for token, more := "", true; more; {
		page, err := b.core.ListObjectsV2(b.name, b.prefix+prefix, "", token, "", 0)
		if err != nil {
			return nil, fmt.Errorf("error finding objects in s3 bucket, bucket: %s: %w", b.name, err)
		}
		for _, one := range page.Contents {
			all = append(all, entry{strings.TrimPrefix(one.Key, b.prefix+prefix), one.LastModified})
		}
		token, more = page.NextContinuationToken, page.IsTruncated
	}
	return all, nil
}

func (b bucket) read(ctx context.Context, name string) ([]byte, error) {
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if minio.ToErrorResponse(err).Code == "NoSuchKey" {
		return nil, errNone
	}
	if err != nil {
		return nil, fmt.Errorf("error fetching object from s3 backend: %w", err)
	}
	defer body.Close()
	return io.ReadAll(body)
}

func (b bucket) write(ctx context.Context, name string, content []byte) error {
	_, err := b.core.Client.PutObject(ctx, b.name, b.prefix+name, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{UserTags: b.tags})
	if err != nil {
		return fmt.Errorf("error writing object to s3 backend, object %s: %w", b.prefix+name, err)
	}
	return nil
}

func (b bucket) append(ctx context.Context, name string, content []byte) error {
	key := b.prefix + name
	upload, err := b.core.NewMultipartUpload(ctx, b.name, key, minio.PutObjectOptions{})
	if err != nil {
		return err
	}
	part, err := b.core.PutObjectPart(ctx, b.name, key, upload, 1, bytes.NewReader(content), int64(len(content)), minio.PutObjectPartOptions{})
	if err != nil {
		return fmt.Errorf("error in multipart upload: %w", err)
	}
	done := []minio.CompletePart{{PartNumber: part.PartNumber, ETag: part.ETag}}
	if _, err := b.core.CompleteMultipartUpload(ctx, b.name, key, upload, done, minio.PutObjectOptions{}); err != nil {
		return fmt.Errorf("error completing multipart upload, object: %s: %w", key, err)
	}
	return nil
}

func (b bucket) copy(ctx context.Context, from, to string) error {
	_, err := b.core.CopyObject(ctx, b.name, b.prefix+from, b.name, b.prefix+to, nil, minio.CopySrcOptions{}, minio.PutObjectOptions{})
	if err != nil {
		return fmt.Errorf("error copying obj meta to compacted obj meta: %w", err)
	}
	return nil
}

func (b bucket) remove(ctx context.Context, name string) error {
	if err := b.core.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("error deleting obj from s3: %s: %w", b.prefix+name, err)
	}
	return nil
}
