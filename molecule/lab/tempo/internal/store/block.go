// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// Pack writes records one after another: ID, length, content.
func Pack(records []Record) []byte {
	var out []byte
	for _, record := range records {
		out = append(out, record.ID[:]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(record.Raw))) //nolint:gosec // far below 4 GiB
		out = append(out, record.Raw...)
	}
	return out
}

// Unpack reads what Pack wrote. A truncated last record, as in a file that was being written, is left out and reported.
func Unpack(content []byte) ([]Record, error) {
	var all []Record
	for reader := bytes.NewReader(content); reader.Len() > 0; {
		var record Record
		var length uint32
		_, err := io.ReadFull(reader, record.ID[:])
		if err == nil {
			err = binary.Read(reader, binary.BigEndian, &length)
		}
		if err != nil || int64(length) > int64(reader.Len()) {
			return all, io.ErrUnexpectedEOF
		}
		record.Raw = make([]byte, length)
		_, _ = io.ReadFull(reader, record.Raw)
		all = append(all, record)
	}
	return all, nil
}

// Merge combines the parts of each trace, in the order of the IDs.
func Merge(records []Record) ([]Record, error) {
	slices.SortStableFunc(records, func(a, b Record) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	var all []Record
	for _, record := range records {
		last := len(all) - 1
		if last < 0 || all[last].ID != record.ID {
			all = append(all, record)
			continue
		}
		raw, err := combined(all[last].Raw, record.Raw)
		if err != nil {
			return nil, err
		}
		all[last].Raw = raw
	}
	return all, nil
}

func combined(first, second []byte) ([]byte, error) {
	into, err := spans.Decode(first)
	more, worse := spans.Decode(second)
	if err := cmp.Or(err, worse); err != nil {
		return nil, err
	}
	spans.Combine(into, more)
	return spans.Encode(into)
}

// writeBlock writes spans first and the meta last: without a meta it is not a block.
func writeBlock(ctx context.Context, to backend, meta Meta, records []Record, parts bool) error {
	content, ids := Pack(records), []byte{}
	for _, record := range records {
		ids = append(ids, record.ID[:]...)
	}
	meta.Size, meta.Footer = len(content), 8
	write := to.write
	if parts {
		write = to.append
	}
	if err := write(ctx, meta.at(meta.dataName()), content); err != nil {
		return err
	}
	if meta.Format == "v2" {
		meta.Footer = 0
	}
	if err := to.write(ctx, meta.at("index"), []byte{0}); err != nil {
		return err
	}
	if err := to.write(ctx, meta.at(bloomName), ids); err != nil {
		return err
	}
	raw, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	return to.write(ctx, meta.at(metaName), raw)
}

// readBlock reads all traces of a block.
func readBlock(ctx context.Context, from backend, meta Meta) ([]Record, error) {
	content, err := from.read(ctx, meta.at(meta.dataName()))
	if err != nil {
		return nil, err
	}
	return Unpack(content)
}

// find looks for a trace in a block: in the bloom filter first, which rules out most blocks.
func find(ctx context.Context, from backend, meta Meta, id spans.ID) ([]Record, error) {
	ids, err := from.read(ctx, meta.at(bloomName))
	if err != nil {
		return nil, fmt.Errorf("error finding trace by id, blockID: %s: %w", meta.ID, err)
	}
	for one := range slices.Chunk(ids, len(id)) {
		if bytes.Equal(one, id[:]) {
			records, err := readBlock(ctx, from, meta)
			return slices.DeleteFunc(records, func(r Record) bool { return r.ID != id }), err
		}
	}
	return nil, nil
}

// gone says whether an object was deleted after the list was read.
func gone(err error) bool { return errors.Is(err, errNone) }
