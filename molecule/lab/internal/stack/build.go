// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/build"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// heartbeat is how often a long build says that it is still at work.
const heartbeat = 30 * time.Second

// build makes the programs that are missing or old and returns what stands for the content of each.
func (s Stack) build(ctx context.Context) (map[string]string, error) {
	path, version, err := build.FindGo(ctx)
	if err != nil {
		return nil, err
	}
	release, err := s.Folder.LockPrograms(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	builder := build.Builder{Folder: s.Folder, Go: path, Version: version}
	programs := servers.Programs(s.Folder, s.Pods)
	contents := map[string]string{}
	for i, program := range programs {
		content, fresh, err := builder.Fresh(program)
		if err != nil {
			return nil, err
		}
		if !fresh {
			s.say("building %d of %d: %s", i+1, len(programs), program.Name)
			if content, err = s.make(ctx, builder, program); err != nil {
				return nil, err
			}
		}
		contents[program.Name] = content
	}
	return contents, nil
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
