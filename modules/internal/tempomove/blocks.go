// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"context"
	"fmt"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
)

// Blocks is what the object storage holds before a move to another major version.
type Blocks struct {
	Oldest, Newest minio.Block
	Count          int
	// Hidden is why they could not be looked at; nil when they were.
	Hidden error
}

// Store looks at what a bucket holds.
type Store interface {
	EdgeBlocks(ctx context.Context, bucket, prefix string) (oldest, newest minio.Block, count int, err error)
}

// lookTimeout bounds the look into the object storage: the host that runs the task
// need not reach it.
const lookTimeout = 15 * time.Second

// Look looks into the object storage before a move to another major version: what
// an earlier Tempo stored may be older than what the one that runs stores.
func (m *Move) Look(ctx context.Context, open func() (Store, error)) {
	if !m.needsDrain() || len(m.crossings()) == 0 || m.lossy() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var found Blocks
	store, err := open()
	if err == nil {
		found.Oldest, found.Newest, found.Count, err = store.EdgeBlocks(ctx, m.Release.Bucket, m.Release.Prefix)
	}
	found.Hidden = err
	m.Blocks = &found
}

// refuseUnreadableBlocks refuses a Tempo that would not find what is stored.
func (m *Move) refuseUnreadableBlocks() error {
	if m.Blocks == nil || m.Blocks.Hidden != nil || m.Blocks.Count == 0 {
		return nil
	}
	for i, block := range []minio.Block{m.Blocks.Oldest, m.Blocks.Newest} {
		which := []string{"oldest", "newest"}[i]
		format, ok := compat.BlockFormatNamed(block.Format)
		if ok && format.Reads.Holds(m.To) || compat.Major(m.To) < 0 {
			continue
		}
		return fault.New(fault.Unsupported, "stay with Tempo "+m.From+" until these are gone, which is after the retention; or set migrate: lossy to go on without them",
			"release %s: Tempo %s does not read format %s, which the %s of the %d blocks in bucket %s has (stored %s)",
			m.Release.Name, m.To, block.Format, which, m.Blocks.Count, m.Release.Bucket, block.Stored.UTC().Format(time.RFC3339))
	}
	return nil
}

// describeBlocks says what becomes of the blocks.
func (m *Move) describeBlocks() string {
	switch {
	case !compat.ReadsBlocksOf(m.To, m.From):
		return "every trace that is stored (" + compat.WrittenBy(m.From) + ") is no longer found"
	case m.Blocks == nil:
		return "blocks in the object storage (" + compat.WrittenBy(m.From) + ") stay readable"
	case m.Blocks.Hidden != nil:
		return fmt.Sprintf("blocks of Tempo %s (%s) stay readable; whether the object storage holds older ones that do not is not known, since it could not be asked: %v", m.From, compat.WrittenBy(m.From), m.Blocks.Hidden)
	case m.Blocks.Count == 0:
		return "the object storage holds no blocks yet"
	}
	return fmt.Sprintf("the %d blocks in the object storage stay readable (the oldest has format %s, the newest %s)", m.Blocks.Count, m.Blocks.Oldest.Format, m.Blocks.Newest.Format)
}
