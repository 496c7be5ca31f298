// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/node"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// busyLimit is how long Down waits for another command that is not Up, such as a second Down.
const busyLimit = time.Minute

// Down stops what Up started, and nothing else, and waits until it is gone; first it ends an Up that is still running. With purge
// it also removes all data, so that the next lab starts empty; the built programs are kept.
func (s Stack) Down(ctx context.Context, purge bool) error {
	if !s.Folder.Exists() {
		s.say("there is no lab in %s", s.Folder.State)
		return nil
	}
	release, err := s.takeOver(ctx)
	if err != nil {
		return err
	}
	defer release()
	for stage := servers.Extras; stage >= servers.Alone; stage-- {
		if err := s.stopStage(ctx, stage); err != nil {
			return err
		}
	}
	// What a killed node leaves behind. The kernel has removed the rest with its last process.
	if err := node.Sweep(s.Folder.Data("node")); err != nil {
		return err
	}
	return s.forget(purge)
}

// takeOver ends a running Up, or what a killed one left running, and takes its lock.
func (s Stack) takeOver(ctx context.Context) (release func(), err error) {
	for _, name := range []string{"up", "build"} {
		stopped, err := s.commands().Stop(ctx, name)
		if err != nil {
			return nil, err
		}
		if stopped {
			s.say("stopped lab %s", name)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, busyLimit)
	defer cancel()
	return s.Folder.AwaitLock(ctx)
}

// stopStage stops the servers that have a process file, whether this version of the lab knows them or not.
func (s Stack) stopStage(ctx context.Context, stage int) error {
	names, err := s.table().Names()
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	failures := make([]error, len(names))
	for i, name := range names {
		if servers.StageOf(name) != stage {
			continue
		}
		group.Go(func() { failures[i] = s.stop(ctx, name) })
	}
	group.Wait()
	return errors.Join(failures...)
}

// Stop ends one server, as if it had died: Up starts it again.
func (s Stack) Stop(ctx context.Context, name string) error {
	release, err := s.Folder.Lock()
	if err != nil {
		return err
	}
	defer release()
	stopped, err := s.table().Stop(ctx, name)
	if err == nil && !stopped {
		return fmt.Errorf("stop %s: no such server runs", name)
	}
	return err
}

func (s Stack) stop(ctx context.Context, name string) error {
	stopped, err := s.table().Stop(ctx, name)
	if stopped && err == nil {
		s.say("stopped %s", name)
	}
	return err
}

// forget removes the addresses, because nothing answers there any more, and with purge the data.
func (s Stack) forget(purge bool) error {
	paths := []string{s.Folder.Env(), s.Folder.Kubeconfig(), s.Folder.Scratch()}
	if purge {
		paths = append(paths, s.Folder.Data(), filepath.Join(s.Folder.State, "log"))
	}
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove %s: %w", path, err)
		}
	}
	return nil
}
