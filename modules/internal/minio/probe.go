// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// trials are the calls that Tempo makes (recorded from Tempo 3.0.3: ingest,
// compaction and retention), in an order in which each can build on the ones
// before it. A trial is left out when one that it needs was denied.
var trials = []trial{
	{"list objects", "s3:ListBucket", nil, prober.list},
	{"write an object", "s3:PutObject", nil, prober.put},
	{"read a part of an object", "s3:GetObject", []string{"s3:PutObject"}, prober.get},
	{"write an object in parts", "s3:PutObject", []string{"s3:PutObject"}, prober.upload},
	{"copy an object", "s3:GetObjectTagging or s3:PutObjectTagging", []string{"s3:PutObject", "s3:GetObject"}, prober.copy},
	{"delete an object", "s3:DeleteObject", []string{"s3:PutObject"}, prober.remove},
}

type trial struct {
	what, action string
	needs        []string
	do           func(prober, context.Context) error
}

// cannotSucceed reports that an action is known to be missing which the trial needs.
func (t trial) cannotSucceed(lacking []string) bool {
	return slices.ContainsFunc(t.needs, func(action string) bool { return slices.Contains(lacking, action) })
}

// prober makes the calls as one user on one object.
type prober struct {
	client       *s3.Client
	bucket, name string
}

// Prove makes the calls of Tempo as its user, on an object of its own that is
// gone afterwards. Its error names every action that the user lacks.
func (s *Server) Prove(ctx context.Context, user string, key secret.Text, bucket string) error {
	client, err := s.as(user, key)
	if err != nil {
		return err
	}
	object := fmt.Sprintf("%s%016x", ProbePrefix, rand.Uint64()) //nolint:gosec // only has to be new
	err = prober{client, bucket, object}.run(ctx, fmt.Sprintf("try bucket %s as user %s", bucket, user))
	// The administrator cleans up, since the user may lack the permission to.
	if left := s.RemoveObjects(ctx, bucket, object); err == nil {
		err = left
	}
	return err
}

func (p prober) run(ctx context.Context, doing string) error {
	var lacked, lacking []string
	var refused error
	for _, trial := range trials {
		if trial.cannotSucceed(lacking) {
			continue
		}
		err := trial.do(p, ctx)
		if err != nil && Code(err) != s3.AccessDenied {
			return Failed(doing+": "+trial.what, err)
		}
		if err != nil {
			lacked, lacking, refused = append(lacked, trial.what), append(lacking, trial.action), err
		}
	}
	if len(lacked) == 0 {
		return nil
	}
	return denied(doing, lacked, lacking, refused)
}

// denied names what a user may not do. Garage has no policies in which to allow it. To
// MinIO a bucket's own policy is for those who do not log in; in RustFS it denies to all.
func denied(doing string, trials, lacking []string, refused error) error {
	hint := "allow " + strings.Join(lacking, ", ") + " in the policy, or leave policy_document out; RustFS heeds a Deny in the bucket's own policy too"
	if reason, ok := ofGarage(refused); ok && reason.hint != "" {
		hint = reason.hint
	}
	return fault.New(fault.Denied, hint, "%s: it may not %s: %s is missing", doing, strings.Join(trials, ", "), strings.Join(lacking, ", "))
}

func (p prober) list(ctx context.Context) error { return first(ctx, p.client, p.bucket) }

func (p prober) put(ctx context.Context) error {
	written, err := p.client.PutObject(ctx, p.bucket, p.name, strings.NewReader("trial"), 5, s3.PutObjectOptions{})
	return accepted(written.ETag, err)
}

// accepted is the error of a success without the name that a store gives to what it
// took, which is not the store's.
func accepted(name string, err error) error {
	if err == nil && name == "" {
		return errForeign
	}
	return err
}

func (p prober) get(ctx context.Context) error {
	options := s3.GetObjectOptions{}
	if err := options.SetRange(1, 3); err != nil {
		return err
	}
	body, _, _, err := s3.Core{Client: p.client}.GetObject(ctx, p.bucket, p.name, options)
	if err != nil {
		return err
	}
	defer body.Close()
	part, err := io.ReadAll(body)
	if err == nil && string(part) != "ria" {
		err = fmt.Errorf("the store returned %d bytes that differ from what was written", len(part))
	}
	return err
}

// upload begins anew where the end of an upload was repeated after its answer was
// lost: the store knows nothing of the upload any more.
func (p prober) upload(ctx context.Context) error {
	err := p.uploadOnce(ctx)
	if Code(err) == noSuchUpload {
		return p.uploadOnce(ctx)
	}
	return err
}

const noSuchUpload = "NoSuchUpload"

func (p prober) uploadOnce(ctx context.Context) error {
	core := s3.Core{Client: p.client}
	id, err := core.NewMultipartUpload(ctx, p.bucket, p.name, s3.PutObjectOptions{})
	if err = accepted(id, err); err != nil {
		return err
	}
	part, err := core.PutObjectPart(ctx, p.bucket, p.name, id, 1, strings.NewReader("trial"), 5, s3.PutObjectPartOptions{})
	if err = accepted(part.ETag, err); err != nil {
		return err
	}
	parts := []s3.CompletePart{{PartNumber: 1, ETag: part.ETag}}
	_, err = core.CompleteMultipartUpload(ctx, p.bucket, p.name, id, parts, s3.PutObjectOptions{})
	return err
}

func (p prober) copy(ctx context.Context) error {
	_, err := p.client.CopyObject(ctx, s3.CopyDestOptions{Bucket: p.bucket, Object: p.name + ".copy"},
		s3.CopySrcOptions{Bucket: p.bucket, Object: p.name})
	return err
}

func (p prober) remove(ctx context.Context) error {
	if err := p.client.RemoveObject(ctx, p.bucket, p.name, s3.RemoveObjectOptions{}); err != nil {
		return err
	}
	return p.client.RemoveObject(ctx, p.bucket, p.name+".copy", s3.RemoveObjectOptions{})
}
