// SPDX-License-Identifier: AGPL-3.0-or-later

package folder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLocate(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "molecule", "lab", "cmd")
	require.NoError(t, os.MkdirAll(deep, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, marker), nil, 0o600))
	elsewhere := t.TempDir()
	cases := map[string]struct {
		reason, state string
		starts        []string
		want          Folder
		fails         bool
	}{
		"below":          {reason: "any folder of the checkout works", starts: []string{deep}, want: Folder{Root: root, State: filepath.Join(root, ".lab")}},
		"by the program": {reason: "called from elsewhere", starts: []string{elsewhere, root}, want: Folder{Root: root, State: filepath.Join(root, ".lab")}},
		"other state":    {reason: "LAB_DIR", state: elsewhere, starts: []string{root}, want: Folder{Root: root, State: elsewhere}},
		"nowhere":        {reason: "not a checkout", starts: []string{elsewhere}, fails: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Locate(c.state, c.starts...)
			require.Equal(t, c.fails, err != nil, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestWriteFileSetsTheModeOfAnOldFileToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	require.NoError(t, WriteFile(path, []byte("new"), 0o600))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(raw))
}

func TestLocks(t *testing.T) {
	place := Folder{State: t.TempDir()}
	require.NoError(t, place.Make())
	interrupted := errors.New("interrupted")
	cases := map[string]struct {
		reason string
		lock   func(context.Context) (func(), error)
	}{
		"state":   {"one command at a time", place.AwaitLock},
		"images":  {"labs that share images", place.LockImages},
		"program": {"labs that share a program", func(ctx context.Context) (func(), error) { return place.LockProgram(ctx, "loki") }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			release, err := c.lock(t.Context())
			require.NoError(t, err)
			brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err = c.lock(brief)
			require.ErrorIs(t, err, ErrBusy, c.reason)
			ended, end := context.WithCancelCause(t.Context())
			end(interrupted)
			_, err = c.lock(ended)
			require.ErrorIs(t, err, interrupted)
			time.AfterFunc(20*time.Millisecond, release)
			again, err := c.lock(t.Context())
			require.NoError(t, err, "it waits for the other command")
			again()
		})
	}
}
