// SPDX-License-Identifier: AGPL-3.0-or-later

package ingest

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

// log is one block of the write-ahead log: a file that records are appended to, and its records. Its name is BLOCK+TENANT+FORMAT.
type log struct {
	tenant  string
	path    string
	records []store.Record
}

func newLog(folder, tenant, format string) (*log, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	name := strings.Join([]string{uuid.NewString(), tenant, format}, "+")
	return &log{tenant: tenant, path: filepath.Join(folder, name)}, nil
}

// add has written to disk when it returns.
func (l *log) add(record store.Record) error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(store.Pack([]store.Record{record}))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	l.records = append(l.records, record)
	return nil
}

func (l *log) remove() {
	if err := os.Remove(l.path); err != nil {
		slog.Error("failed to clear wal block", "err", err)
	}
}

// replay reads what a previous run left.
func replay(folder string) ([]*log, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("fatal error replaying wal: %w", err)
	}
	found, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("fatal error replaying wal: %w", err)
	}
	var all []*log
	for _, file := range found {
		parts := strings.Split(file.Name(), "+")
		if file.IsDir() || len(parts) != 3 {
			continue
		}
		path := filepath.Join(folder, file.Name())
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("fatal error replaying wal: %w", err)
		}
		records, err := store.Unpack(content)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			slog.Warn("found partial write ahead log; its last record is lost", "file", file.Name())
		}
		all = append(all, &log{tenant: parts[1], path: path, records: records})
	}
	return all, nil
}
