// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/build"
)

// heartbeat is how often a long build reports that it is still running.
const heartbeat = 30 * time.Second

// build builds the programs that are missing or outdated and returns the checksum of each.
func (s Stack) build(ctx context.Context) (map[string]string, error) {
	path, version, err := build.FindGo(ctx)
	if err != nil {
		return nil, err
	}
	flags, err := build.Flags(s.Folder)
	if err != nil {
		return nil, err
	}
	builder := build.Builder{Folder: s.Folder, Go: path, Version: version, Flags: flags}
	programs := s.lab().ProgramsToBuild()
	contents := map[string]string{}
	for i, program := range programs {
		place := fmt.Sprintf("%d of %d", i+1, len(programs))
		if contents[program.Name], err = s.provide(ctx, builder, program, place); err != nil {
			return nil, err
		}
	}
	for name, path := range s.lab().Brought() {
		if contents[name], err = build.Sum(path); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

// provide builds a program unless it is fresh. The lock is only for this program: a lab without it should not wait for the one that
// builds it.
func (s Stack) provide(ctx context.Context, builder build.Builder, program build.Program, place string) (string, error) {
	release, err := s.Folder.LockProgram(ctx, program.Name)
	if err != nil {
		return "", err
	}
	defer release()
	content, fresh, err := builder.Fresh(program)
	if err != nil || fresh {
		return content, err
	}
	s.say("building %s: %s", place, program.Name)
	return s.make(ctx, builder, program)
}

func (s Stack) make(ctx context.Context, builder build.Builder, program build.Program) (string, error) {
	began := time.Now()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				s.say("  still building %s, %s so far", program.Name, time.Since(began).Round(time.Second))
			}
		}
	}()
	content, err := builder.Make(ctx, program)
	if err == nil {
		s.say("  built %s in %s", program.Name, time.Since(began).Round(time.Second))
	}
	return content, err
}
