// SPDX-License-Identifier: AGPL-3.0-or-later

package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrBusy says that another lab command is running.
var ErrBusy = errors.New("another lab command is running there; wait until it is done")

// Lock keeps other commands from using the same state until release is called or this process ends.
func (f Folder) Lock() (release func(), err error) {
	release, err = lock(filepath.Join(f.State, "lock"))
	if err != nil {
		return nil, fmt.Errorf("lock the lab's state folder %s: %w", f.State, err)
	}
	return release, nil
}

// LockProgram keeps other labs and servers/build from building a shared program at the same time; it waits for them.
func (f Folder) LockProgram(ctx context.Context, name string) (release func(), err error) {
	return f.lockBuilt(ctx, name+".lock")
}

// LockImages does so for the images and for downloads.
func (f Folder) LockImages(ctx context.Context) (release func(), err error) {
	return f.lockBuilt(ctx, "lock")
}

func (f Folder) lockBuilt(ctx context.Context, name string) (release func(), err error) {
	release, err = await(ctx, f.Bin(name))
	if err != nil {
		return nil, fmt.Errorf("wait for the lab that builds in %s: %w", filepath.Dir(f.Bin("")), err)
	}
	return release, nil
}

// AwaitLock is Lock, but waits for the other command until the context ends.
func (f Folder) AwaitLock(ctx context.Context) (release func(), err error) {
	release, err = await(ctx, filepath.Join(f.State, "lock"))
	if err != nil {
		return nil, fmt.Errorf("lock the lab's state folder %s: %w", f.State, err)
	}
	return release, nil
}

// await tries until it has the lock or the context ends.
func await(ctx context.Context, path string) (release func(), err error) {
	for {
		release, err = lock(path)
		if !errors.Is(err, ErrBusy) {
			return release, err
		}
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
				return nil, cause
			}
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func lock(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrBusy
		}
		return nil, err
	}
	return func() { file.Close() }, nil
}
