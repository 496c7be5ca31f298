// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// asProgram makes a test binary behave as the program with one module, so that
// a real process is tested without building it.
const asProgram = "TRACING_MODULES_TEST_IS_PROGRAM"

// Program is for TestMain: if Start started this process, it answers the request
// on standard input as the program does, and returns true for TestMain to return.
func Program(module func() converge.Runner) bool {
	if os.Getenv(asProgram) == "" {
		return false
	}
	request, err := wire.ReadRequest(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return true
	}
	request.Diff = true
	hide := &secret.Redactor{}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	result := module().Run(ctx, request, os.LookupEnv, hide, os.Stderr)
	if err := result.Write(os.Stdout, hide); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return true
}

// Process is a task that runs in a process of its own.
type Process struct {
	command  *exec.Cmd
	out, log bytes.Buffer
	once     sync.Once
}

// Start runs the task in a process of its own with the task's environment, which
// ends with the test. The test's package must call Program in its TestMain.
func (task Task) Start(t *testing.T) *Process {
	t.Helper()
	input, err := json.Marshal(task.Options)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	process := &Process{command: exec.CommandContext(t.Context(), self)}
	process.command.Env = []string{asProgram + "=1"}
	for name, value := range task.Env {
		process.command.Env = append(process.command.Env, name+"="+value)
	}
	process.command.Stdin, process.command.Stdout, process.command.Stderr = bytes.NewReader(input), &process.out, &process.log
	require.NoError(t, process.command.Start())
	t.Cleanup(process.Kill)
	return process
}

// Kill ends the process as kill -9 does, and returns when it has ended.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	p.Wait()
}

// Terminate asks the process to end, as kill does.
func (p *Process) Terminate() { _ = p.command.Process.Signal(syscall.SIGTERM) }

// Wait returns when the process has ended, however it did.
func (p *Process) Wait() { p.once.Do(func() { _ = p.command.Wait() }) }

// Result waits for the end of the process and returns what it printed, nil if
// it was killed before. The test fails if the canary was printed.
func (p *Process) Result(t *testing.T) wire.Result {
	t.Helper()
	p.Wait()
	require.NotContains(t, p.out.String()+p.log.String(), Canary, "a secret was printed")
	if p.out.Len() == 0 {
		require.False(t, p.command.ProcessState.Exited(), "it printed no result: %s", &p.log)
		return nil
	}
	var result wire.Result
	require.NoError(t, json.Unmarshal(p.out.Bytes(), &result))
	return result
}
