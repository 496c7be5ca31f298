// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Public returns the statements of a bucket's own policy that let anybody in:
// those that allow something to the principal *, even under a condition.
func (d Document) Public() []any {
	return slices.DeleteFunc(list(d["Statement"]), func(statement any) bool { return !open(statement) })
}

// Closed is the document without the statements that let anybody in; nil when
// nothing is left.
func (d Document) Closed() Document {
	rest := slices.DeleteFunc(list(d["Statement"]), open)
	if len(rest) == 0 {
		return nil
	}
	closed := Document{"Statement": rest}
	for name, value := range d {
		if name != "Statement" {
			closed[name] = value
		}
	}
	return closed
}

func open(value any) bool {
	statement, ok := value.(map[string]any)
	return ok && effect(statement["Effect"]) == "Allow" && anybody(statement["Principal"])
}

// anybody knows the two spellings of everybody: "*" and {"AWS": "*"}, of which
// MinIO gives {"AWS": ["*"]}.
func anybody(principal any) bool {
	if named, ok := principal.(map[string]any); ok {
		principal = named["AWS"]
	}
	return slices.Contains(list(principal), any("*"))
}

// SetBucketPolicy replaces a bucket's own policy; nil removes it.
func (s *Server) SetBucketPolicy(ctx context.Context, bucket string, document Document) error {
	text := ""
	if document != nil {
		encoded, err := json.Marshal(document)
		if err != nil {
			return fault.During("write policy of bucket "+bucket, err)
		}
		text = string(encoded)
	}
	return Failed("write policy of bucket "+bucket, s.store.SetBucketPolicy(ctx, bucket, text))
}
