// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/process"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// startStage starts the servers of one stage together and waits until each answers.
func (s Stack) startStage(ctx context.Context, all []servers.Server, stage int) error {
	var group sync.WaitGroup
	failures := make([]error, len(all))
	for i, server := range all {
		if server.Stage != stage {
			continue
		}
		group.Go(func() { failures[i] = s.ensure(ctx, server) })
	}
	group.Wait()
	return errors.Join(failures...)
}

// ensure leaves a running server alone when it was started from the same spec, and restarts it otherwise.
func (s Stack) ensure(ctx context.Context, server servers.Server) error {
	running, runs, err := s.table().Find(server.Name)
	if err != nil {
		return err
	}
	if runs && running.Is(server.Spec) {
		return s.await(ctx, server, running)
	}
	if runs {
		s.say("%s has changed and is started anew", server.Name)
		if _, err := s.table().Stop(ctx, server.Name); err != nil {
			return err
		}
	}
	started, err := s.table().Start(server.Spec)
	if err != nil {
		return err
	}
	if err := s.await(ctx, server, started); err != nil {
		return err
	}
	s.say("started %s%s", server.Name, at(server.URL))
	return nil
}

func at(url string) string {
	if url == "" {
		return ""
	}
	return " at " + url
}

// await polls until the server answers. A server that ends or stays silent is an error with the last line of its log.
func (s Stack) await(ctx context.Context, server servers.Server, running process.Process) error {
	if server.Probe == nil {
		return nil
	}
	deadline := time.Now().Add(limit)
	for {
		err := server.Probe(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !running.Alive() {
			return notUp(server, "it ended")
		}
		if time.Now().After(deadline) {
			return notUp(server, fmt.Sprintf("no answer within %s: %v", limit, err))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func notUp(server servers.Server, why string) error {
	return fmt.Errorf("start %s: %s; its log %s ends with: %s", server.Name, why, server.Log, lastLine(server.Log))
}

// stopUnknown stops servers of an older version of the lab that are no longer in the list.
func (s Stack) stopUnknown(ctx context.Context, all []servers.Server) error {
	names, err := s.table().Names()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, server := range all {
		known[server.Name] = true
	}
	for _, name := range names {
		if known[name] {
			continue
		}
		if _, err := s.table().Stop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
