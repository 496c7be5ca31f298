// SPDX-License-Identifier: AGPL-3.0-or-later

// Package store keeps blocks of traces in Tempo's layout (TENANT/BLOCK/meta.json
// and its neighbours), and uses the same S3 calls as Tempo, so that it needs the
// same permissions. What the objects with the spans hold is the stand-in's own.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// errNone is a missing object.
var errNone = errors.New("does not exist")

// entry is an object or a folder below a prefix.
type entry struct {
	name    string
	changed time.Time
}

// backend stores objects. Names have slashes; a prefix ends with one.
type backend interface {
	// folders and objects are those directly below a prefix.
	folders(ctx context.Context, prefix string) ([]string, error)
	objects(ctx context.Context, prefix string) ([]entry, error)
	read(ctx context.Context, name string) ([]byte, error)
	write(ctx context.Context, name string, content []byte) error
	// append writes a large object in parts.
	append(ctx context.Context, name string, content []byte) error
	copy(ctx context.Context, from, to string) error
	remove(ctx context.Context, name string) error
}

// open opens the configured store, and fails as Tempo does if it cannot.
func open(ctx context.Context, c config.Config) (backend, error) {
	switch c.Storage.Trace.Backend {
	case "local":
		return local{c.Storage.Trace.Local.Path}, nil
	case "s3":
		return openS3(ctx, c.Storage.Trace.S3)
	case "":
		return nil, errors.New("unknown backend ")
	default:
		return nil, fmt.Errorf("unknown backend %s", c.Storage.Trace.Backend)
	}
}
