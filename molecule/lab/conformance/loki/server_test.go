// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	standin "github.com/picluster/tracing/molecule/lab/loki"
)

// asStandIn makes the test binary run as the stand-in.
const asStandIn = "CONFORMANCE_RUNS_THE_STAND_IN"

func TestMain(m *testing.M) {
	if os.Getenv(asStandIn) == "" {
		os.Exit(m.Run())
	}
	if err := standin.Run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// program is a command that runs the Loki under test.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path := os.Getenv("LAB_LOKI")
	if path == "" {
		own, err := os.Executable()
		require.NoError(t, err)
		path = own
	}
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), asStandIn+"=1")
	command.Dir = t.TempDir()
	return command
}

// settings is the configuration of each Loki in these tests; %s are its ports and its folder.
const settings = `
auth_enabled: true
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s, log_level: error}
common:
  instance_addr: 127.0.0.1
  instance_interface_names: [lo]
  path_prefix: %s
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %[3]s/chunks, rules_directory: %[3]s/rules}}
frontend_worker: {frontend_address: "127.0.0.1:%[2]s"}
schema_config:
  configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
analytics: {reporting_enabled: false}
`

// start runs a Loki until the end of the test, without waiting for it; ended is closed when it exits by itself.
func start(t *testing.T, more string) (base string, ended <-chan struct{}) {
	t.Helper()
	var free []string
	for range 2 {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		free = append(free, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "loki.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, settings+more, free[0], free[1], folder), 0o600))
	running := program(t, "-config.file="+file)
	require.NoError(t, running.Start())
	over := make(chan struct{})
	go func() {
		_ = running.Wait()
		close(over)
	}()
	t.Cleanup(func() {
		_ = running.Process.Kill()
		<-over
	})
	return "http://127.0.0.1:" + free[0], over
}

// ready starts a Loki and waits until it is ready. Another process may take its port between choice and use: then it exits,
// and another one is started.
func ready(t *testing.T) string {
	t.Helper()
	for range 5 {
		base, ended := start(t, "ingester: {lifecycler: {min_ready_duration: 0s}}\n")
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if isReady(base) {
				return base
			}
			if isClosed(ended) {
				break
			}
		}
	}
	require.FailNow(t, "no Loki is ready")
	return ""
}

func isReady(base string) bool {
	answer, err := http.Get(base + "/ready")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func isClosed(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	default:
		return false
	}
}

// reply is the part of a response that matters.
type reply struct {
	status     int
	kind, body string
}

// send sends a request as a tenant; without one when it is "".
func send(t *testing.T, method, address, tenant, kind, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	if tenant != "" {
		request.Header.Set("X-Scope-OrgID", tenant)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	return do(t, request)
}

func do(t *testing.T, request *http.Request) reply {
	t.Helper()
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return reply{answer.StatusCode, answer.Header.Get("Content-Type"), strings.TrimSuffix(string(text), "\n")}
}

// get requests a path; values are NAME=VALUE.
func get(t *testing.T, base, tenant, path string, values ...string) reply {
	t.Helper()
	query := url.Values{}
	for _, one := range values {
		name, value, _ := strings.Cut(one, "=")
		query.Add(name, value)
	}
	return send(t, http.MethodGet, base+path+"?"+query.Encode(), tenant, "", "")
}
