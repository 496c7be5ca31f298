// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"fmt"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/s3secret"
)

// Blocks is what the object storage holds before a move to Tempo 3.
type Blocks struct {
	Oldest, Newest minio.Block
	Count          int
	// Hidden is why they could not be looked at; nil when they were.
	Hidden error
}

// blockReader looks at what a bucket holds.
type blockReader interface {
	EdgeBlocks(ctx context.Context, bucket, prefix string) (oldest, newest minio.Block, count int, err error)
}

// looking bounds the look into the object storage: the host that runs the task
// need not reach it.
const looking = 15 * time.Second

// blocks looks into the object storage before a move to Tempo 3: what an earlier
// Tempo stored may be older than what the one that runs stores.
func (r *reader) blocks(ctx context.Context, spec Spec, status *Status) error {
	if move := status.Move; move == nil || !move.is() || !move.crossesInto3() || spec.Migrate == migrateLossy {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, looking)
	defer cancel()
	var found Blocks
	store, err := r.store(spec, status.Proposal.keys(*status))
	if err == nil {
		found.Oldest, found.Newest, found.Count, err = store.EdgeBlocks(ctx, spec.S3.Bucket, spec.S3.Prefix)
	}
	found.Hidden = err
	status.Move.Blocks = &found
	return nil
}

// keys are the credentials that Tempo will have, wherever they are kept.
func (p Proposal) keys(status Status) s3secret.Credentials {
	if p.Credentials.Owned {
		return p.Credentials
	}
	return status.Credentials
}

// openStore opens the object storage with Tempo's own login.
func openStore(spec Spec, keys s3secret.Credentials) (blockReader, error) {
	secure := !spec.S3.Insecure
	return minio.Open(minio.Access{
		Endpoint: spec.S3.Endpoint, Secure: &secure, Region: spec.S3.Region, ValidateCerts: spec.S3.ValidateCerts, CACert: spec.S3.CACert,
		AccessKey: keys.Data[s3secret.AccessKeyEntry].Reveal(), SecretKey: keys.Data[s3secret.SecretKeyEntry],
	})
}

// unreadableBlocks refuses a Tempo that would not find what is stored.
func unreadableBlocks(spec Spec, status Status) error {
	move := *status.Move
	if move.Blocks == nil || move.Blocks.Hidden != nil || move.Blocks.Count == 0 {
		return nil
	}
	for i, block := range []minio.Block{move.Blocks.Oldest, move.Blocks.Newest} {
		which := []string{"oldest", "newest"}[i]
		format, is := compat.BlockFormatNamed(block.Format)
		if is && format.Reads.Holds(move.To) || compat.Major(move.To) < 0 {
			continue
		}
		return fault.New(fault.Unsupported, "stay with Tempo "+move.From+" until these are gone, which is after the retention; or set migrate: lossy to go on without them",
			"release %s: Tempo %s does not read format %s, which the %s of the %d blocks in bucket %s has (stored %s)",
			spec.Release, move.To, block.Format, which, move.Blocks.Count, spec.S3.Bucket, block.Stored.UTC().Format(time.RFC3339))
	}
	return nil
}

// stored says what becomes of the blocks.
func (m Move) stored() string {
	switch {
	case !compat.ReadsBlocksOf(m.To, m.From):
		return "every trace that is stored (" + compat.WrittenBy(m.From) + ") is found no longer"
	case m.Blocks == nil:
		return "blocks in the object storage (" + compat.WrittenBy(m.From) + ") stay readable"
	case m.Blocks.Hidden != nil:
		return fmt.Sprintf("blocks of Tempo %s (%s) stay readable; whether the object storage holds older ones that do not is not known, since it could not be asked: %v", m.From, compat.WrittenBy(m.From), m.Blocks.Hidden)
	case m.Blocks.Count == 0:
		return "the object storage holds no blocks yet"
	}
	return fmt.Sprintf("the %d blocks in the object storage stay readable (the oldest has format %s, the newest %s)", m.Blocks.Count, m.Blocks.Oldest.Format, m.Blocks.Newest.Format)
}
