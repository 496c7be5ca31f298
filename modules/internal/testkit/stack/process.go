// SPDX-License-Identifier: AGPL-3.0-or-later

// Package stack provides test helpers that run Tempo, Loki and Traefik as processes
// of one test: the lab's own, or programs that a user supplies.
package stack

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is what a user provides in LAB_NAME, else one that the lab built.
func program(t *testing.T, name string) string {
	t.Helper()
	if path := brought(name); path != "" {
		return path
	}
	folder := os.Getenv("LAB_DIR")
	require.NotEmpty(t, folder, "LAB_DIR is not set: run `make stack`")
	path, err := filepath.Abs(filepath.Join(folder, "bin", name))
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "run molecule/lab/servers/build first")
	return path
}

// Start runs a server until the end of the test and returns the path of its log.
// A test that fails shows the end of the log.
func Start(t *testing.T, name string, env []string, args ...string) string {
	t.Helper()
	return launch(t, program(t, name), env, args...).Log
}

// Process is a running server.
type Process struct {
	// Log is the path of its log.
	Log     string
	command *exec.Cmd
	ended   chan struct{}
}

// launch runs a program until the end of the test, or until End.
func launch(t *testing.T, path string, env []string, args ...string) *Process {
	t.Helper()
	name := filepath.Base(path)
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	require.NoError(t, err)
	command := exec.Command(path, args...) //nolint:noctx // it ends with the test, by Cleanup
	command.Env = append(os.Environ(), env...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	p := &Process{log.Name(), command, make(chan struct{})}
	go func() { _ = command.Wait(); close(p.ended) }()
	t.Cleanup(func() {
		p.End(0)
		if t.Failed() {
			output, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", name, output[max(0, len(output)-1500):])
		}
	})
	return p
}

// End ends a process as the kubelet does: SIGTERM, and after the grace period
// SIGKILL. It returns when the process is gone.
func (p *Process) End(grace time.Duration) {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(grace):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// Answers waits until an address answers 200; host is for the server's routes.
func Answers(t *testing.T, address, host string) {
	t.Helper()
	require.Eventually(t, func() bool {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
		if err != nil {
			return false
		}
		request.Host = host
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, time.Minute, 100*time.Millisecond, address)
}
