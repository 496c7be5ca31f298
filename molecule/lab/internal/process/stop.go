// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Times of a stop: how long a server may take to exit by itself, then to be gone after it was killed.
const (
	patience = 15 * time.Second
	killWait = 5 * time.Second
	pause    = 20 * time.Millisecond
)

// Stop ends the process of that name and waits until it is gone. A name without a running process is fine: a process ID that
// now belongs to another process is left alone.
func (t Table) Stop(ctx context.Context, name string) (stopped bool, err error) {
	process, runs, err := t.Find(name)
	if err != nil {
		return false, err
	}
	if runs {
		if err := end(ctx, process); err != nil {
			return false, fmt.Errorf("stop %s: %w", name, err)
		}
	}
	if err := os.Remove(t.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return runs, fmt.Errorf("forget %s: %w", name, err)
	}
	return runs, nil
}

func end(ctx context.Context, process Process) error {
	if err := signal(process, syscall.SIGTERM); err != nil {
		return err
	}
	if gone(ctx, process, patience) {
		process.endGroup()
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := signal(process, syscall.SIGKILL); err != nil {
		return err
	}
	if gone(ctx, process, killWait) {
		process.endGroup()
		return nil
	}
	return fmt.Errorf("process %d is still there after it was killed", process.Pid)
}

// endGroup kills the children that the process left behind.
func (p Process) endGroup() {
	if p.Leads {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // usually there are none
	}
}

func signal(process Process, which syscall.Signal) error {
	err := syscall.Kill(process.Pid, which)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

func gone(ctx context.Context, process Process, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if !process.Alive() {
			return true
		}
		time.Sleep(pause)
	}
	return !process.Alive()
}
