// SPDX-License-Identifier: AGPL-3.0-or-later

// Package stack is for tests only: it runs Tempo, Loki and Traefik, the lab's or
// those that a person brings, as processes of one test.
package stack

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is what a person brings by LAB_NAME, else a built program of the lab.
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

// Free returns addresses on loopback on which nothing listens yet.
func Free(t *testing.T, count int) []string {
	t.Helper()
	var addresses []string
	for range count {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// Start runs a server until the end of the test and returns the path of its log.
// A test that fails shows the end of the log.
func Start(t *testing.T, name string, env []string, args ...string) string {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	require.NoError(t, err)
	command := exec.Command(program(t, name), args...) //nolint:noctx // it ends with the test, by Cleanup
	command.Env = append(os.Environ(), env...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", name, said[max(0, len(said)-1500):])
		}
	})
	return log.Name()
}

// Answers waits for a success of an address; host is for the server's routes.
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
