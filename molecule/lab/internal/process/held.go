// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// hold waits for a line before it becomes the program; when the writer of the line is gone, it exits.
const hold = `read -r line && exec "$0" "$@" </dev/null`

// held is a command in its own session that does not run before release.
func held(program string, args ...string) *exec.Cmd {
	command := exec.Command("/bin/sh", append([]string{"-c", hold, program}, args...)...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return command
}

// begin starts a held command, records it, and only then lets it run. exec keeps the process ID and the start time.
func (t Table) begin(command *exec.Cmd, name, fingerprint string) (Process, error) {
	gate, err := command.StdinPipe()
	if err != nil {
		return Process{}, err
	}
	defer gate.Close() //nolint:errcheck // only the line written to it matters
	if err := command.Start(); err != nil {
		return Process{}, err
	}
	process, err := t.record(name, fingerprint, command.Process.Pid, true)
	if err != nil {
		return Process{}, err
	}
	_, err = gate.Write([]byte("\n"))
	return process, err
}

// Task is a command that runs to its end.
type Task struct {
	// Name is the name under which it is recorded while it runs; Dir is its working folder.
	Name, Dir string
	// Program is the path of the program, Args its arguments.
	Program string
	Args    []string
	// Env is added to the environment of this command.
	Env []string
}

// Run waits for the end of the task and returns its output. When the context ends, or another command calls Stop with the
// name, the children of the task end with it.
func (t Table) Run(ctx context.Context, task Task) (printed []byte, err error) {
	command := held(task.Program, task.Args...)
	command.Dir = task.Dir
	command.Env = append(os.Environ(), task.Env...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if _, err := t.begin(command, task.Name, ""); err != nil {
		return nil, fmt.Errorf("start %s: %w", task.Program, err)
	}
	stopped := make(chan struct{})
	leave := context.AfterFunc(ctx, func() {
		defer close(stopped)
		_, _ = t.Stop(context.WithoutCancel(ctx), task.Name)
	})
	err = command.Wait()
	if !leave() {
		<-stopped
		return output.Bytes(), context.Cause(ctx)
	}
	_ = os.Remove(t.file(task.Name))
	return output.Bytes(), err
}
