// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// local is a folder of this machine.
type local struct{ path string }

func (l local) at(name string) string { return filepath.Join(l.path, filepath.FromSlash(name)) }

func (l local) folders(_ context.Context, prefix string) ([]string, error) {
	found, err := os.ReadDir(l.at(prefix))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []string
	for _, one := range found {
		if one.IsDir() {
			all = append(all, one.Name())
		}
	}
	return all, nil
}

func (l local) objects(_ context.Context, prefix string) ([]entry, error) {
	var all []entry
	root := l.at(prefix)
	err := filepath.WalkDir(root, func(path string, found fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && found.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := found.Info()
		if err == nil {
			all = append(all, entry{strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(path, root)), "/"), info.ModTime()})
		}
		return err
	})
	return all, err
}

func (l local) read(_ context.Context, name string) ([]byte, error) {
	content, err := os.ReadFile(l.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNone
	}
	return content, err
}

func (l local) write(_ context.Context, name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(l.at(name)), 0o700); err != nil {
		return err
	}
	next := l.at(name) + ".next"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, l.at(name))
}

func (l local) append(ctx context.Context, name string, content []byte) error {
	return l.write(ctx, name, content)
}

func (l local) copy(ctx context.Context, from, to string) error {
	content, err := l.read(ctx, from)
	if err != nil {
		return err
	}
	return l.write(ctx, to, content)
}

func (l local) remove(_ context.Context, name string) error {
	if err := os.Remove(l.at(name)); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(l.at(name))) // removed with its last object
	return nil
}
