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

// hold waits for a line before it becomes the program; when the writer of the line is gone, it ends.
const hold = `read -r line && exec "$0" "$@" </dev/null`

// held is a command in a session of its own that does not run before release.
func held(program string, args ...string) *exec.Cmd {
	command := exec.Command("/bin/sh", append([]string{"-c", hold, program}, args...)...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return command
}

// begin starts a held command, notes it down, and only then lets it run. exec keeps the number and the start time.
func (t Table) begin(command *exec.Cmd, name, fingerprint string) (Process, error) {
	gate, err := command.StdinPipe()
	if err != nil {
		return Process{}, err
	}
	defer gate.Close()
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

// Run runs a command to its end and returns what it printed; dir is its folder, env is added to this command's environment. When
// the context ends, or another command calls Stop with the name, the command's children end with it.
func (t Table) Run(ctx context.Context, name, dir string, env []string, program string, args ...string) ([]byte, error) {
	command := held(program, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), env...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if _, err := t.begin(command, name, ""); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	stop := context.AfterFunc(ctx, func() { _, _ = t.Stop(context.WithoutCancel(ctx), name) })
	err := command.Wait()
	if !stop() {
		return printed.Bytes(), context.Cause(ctx)
	}
	_ = os.Remove(t.file(name))
	return printed.Bytes(), err
}
