// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/command"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// standIn makes this test binary run as the stand-in.
const standIn = "CONFORMANCE_STAND_IN"

func TestMain(m *testing.M) {
	if os.Getenv(standIn) != "" {
		os.Exit(command.Run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// program is one under test.
type program struct {
	edition edition.Edition
	path    string
	env     []string
}

// versions are those that the stand-in is tested as.
var versions = []string{"1.5.0", "2.7.2", "2.10.8", "3.0.3"}

// programs are those that LAB_TEMPO names, as PATH or as VERSION=PATH,..., else the stand-in.
func programs(t *testing.T) map[string]program {
	t.Helper()
	all := map[string]program{}
	if os.Getenv("LAB_TEMPO") == "" {
		for _, version := range versions {
			all[version] = program{parse(t, version), os.Args[0], []string{standIn + "=1", "TEMPO_STAND_IN_VERSION=" + version}}
		}
		return all
	}
	for _, given := range strings.Split(os.Getenv("LAB_TEMPO"), ",") {
		version, path, named := strings.Cut(given, "=")
		if !named {
			path = given
			version = versionOf(t, path)
		}
		all[version] = program{parse(t, version), path, nil}
	}
	return all
}

func parse(t *testing.T, version string) edition.Edition {
	t.Helper()
	e, err := edition.Parse(version)
	require.NoError(t, err)
	return e
}

func versionOf(t *testing.T, path string) string {
	t.Helper()
	output, err := exec.Command(path, "-version").CombinedOutput()
	require.NoError(t, err, string(output))
	found := regexp.MustCompile(`version v?(\d+\.\d+\.\d+)`).FindSubmatch(output)
	require.NotNil(t, found, "%s says no version: %s; name it: LAB_TEMPO=VERSION=PATH", path, output)
	return string(found[1])
}

// each runs a test for each program of a version before one; "" is no limit.
func each(t *testing.T, before string, test func(*testing.T, program)) {
	t.Helper()
	all := programs(t)
	for _, version := range slices.Sorted(maps.Keys(all)) {
		if all[version].among(t, "", before) {
			t.Run(version, func(t *testing.T) { test(t, all[version]) })
		}
	}
}

// among says whether a case applies to a version: from one version on, or before one; "" is no limit.
func (p program) among(t *testing.T, from, before string) bool {
	t.Helper()
	bound := func(version string) bool {
		e := parse(t, version+".0")
		return p.edition.From(e.Major, e.Minor)
	}
	return (from == "" || bound(from)) && (before == "" || !bound(before))
}

// ended runs a program that should exit by itself, and returns its output and its exit status.
func (p program) ended(t *testing.T, config string, args ...string) (output string, status int) {
	t.Helper()
	folder, err := os.MkdirTemp("", "tempo") // t.TempDir has the name of the test, which may hold what YAML does not take
	require.NoError(t, err)
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "tempo.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(config, "FOLDER", folder)), 0o600))
	ctx, release := context.WithTimeout(t.Context(), 20*time.Second)
	defer release()
	cmd := exec.CommandContext(ctx, p.path, append([]string{"-config.file=" + file}, args...)...)
	cmd.Env = append(os.Environ(), p.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run()
	require.NoError(t, ctx.Err(), "it did not end: %s", out.String())
	return out.String(), cmd.ProcessState.ExitCode()
}

// server is a running program, and its addresses by their purpose.
type server struct {
	program
	http, grpc, otlp, otlpHTTP, zipkin, thrift string
	folder, log                                string
}

// start runs all of a Tempo in one process on loopback, with short times, and waits until it is ready.
func (p program) start(t *testing.T, more string) server {
	t.Helper()
	at := free(t, 7)
	s := server{program: p, http: at[0], grpc: at[1], otlp: at[2], otlpHTTP: at[3], zipkin: at[4], thrift: at[5], folder: t.TempDir()}
	s.log = filepath.Join(s.folder, "log")
	file := filepath.Join(s.folder, "tempo.yaml")
	require.NoError(t, os.WriteFile(file, []byte(s.config(at[6])+more), 0o600))
	log, err := os.Create(s.log)
	require.NoError(t, err)
	cmd := exec.Command(p.path, "-config.file="+file)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), p.env...), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if output, _ := os.ReadFile(s.log); t.Failed() {
			t.Logf("it said:\n%s", output[max(0, len(output)-1500):])
		}
	})
	require.Eventually(t, func() bool { status, _, _ := s.get("/ready", nil); return status == 200 }, 40*time.Second, 100*time.Millisecond, "it is ready")
	return s
}

// times are the keys for short durations.
func (s server) times() string {
	if s.edition.Before(3, 0) {
		return `
ingester: {lifecycler: {min_ready_duration: 0s, join_after: 0s}, trace_idle_period: 1s, max_block_duration: 4s, flush_check_period: 1s}
compactor: {compaction: {compaction_cycle: 1h}}`
	}
	return fmt.Sprintf(`
live_store: {max_trace_idle: 1s, max_block_duration: 4s, flush_check_period: 1s, wal: {path: %[1]s/live/traces}, shutdown_marker_dir: %[1]s/live/marker}
backend_scheduler: {local_work_path: %[1]s/scheduler}`, s.folder)
}

func (s server) config(gossip string) string {
	search := ""
	if s.edition.Before(2, 0) {
		search = "search_enabled: true"
	}
	return fmt.Sprintf(`%s%s
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s}
distributor:
  receivers:
    otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}
    zipkin: {endpoint: %q}
    jaeger: {protocols: {thrift_http: {endpoint: %q}}}
memberlist: {bind_addr: [127.0.0.1], bind_port: %s}
querier: {frontend_worker: {frontend_address: %[10]q}}
storage: {trace: {backend: local, local: {path: %[11]s/blocks}, wal: {path: %[11]s/wal}, blocklist_poll: 1s}}
usage_report: {reporting_enabled: false}
`, search, s.times(), port(s.http), port(s.grpc), s.otlp, s.otlpHTTP, s.zipkin, s.thrift, port(gossip), s.grpc, s.folder)
}

func port(address string) string {
	_, number, _ := net.SplitHostPort(address)
	return number
}

// Ports below those that Linux uses for outgoing connections (net.ipv4.ip_local_port_range), one of which would take a port
// before its server does, and below those of the lab. Each process starts at another one.
const (
	lowestPort = 15000
	ports      = 5000
)

var begun atomic.Int64

func free(t *testing.T, count int) []string {
	t.Helper()
	var all []string
	for range ports {
		at := lowestPort + (int64(os.Getpid())*251+begun.Add(1))%ports
		listener, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", at))
		if err != nil {
			continue
		}
		defer listener.Close()
		if all = append(all, listener.Addr().String()); len(all) == count {
			return all
		}
	}
	require.Fail(t, "no free port")
	return nil
}
