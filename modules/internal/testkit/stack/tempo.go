// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Tempo is a running Tempo: 1.5.0, by the lab's stand-in for it, or what LAB_TEMPO
// names.
type Tempo struct {
	// Query, HTTP and Zipkin are URLs, the last two with their paths; GRPC is
	// host:port.
	Query, GRPC, HTTP, Zipkin string
	// Log is the path of its log.
	Log string
	// Generation is its major version.
	Generation int64
}

// Config is what a test changes in it.
type Config struct {
	Store Store
	// Receivers is YAML on one line; "" is OTLP over gRPC and HTTP, and Zipkin.
	Receivers string
	// Compaction is YAML on one line, "" for Tempo's defaults.
	Compaction string
	// Forget is how long the ingester keeps a flushed block, "" for a minute:
	// after that it is read from the store, and search does not find it.
	Forget string
	// Search switches search on.
	Search bool
	// Endpoint is host:port of the store with TLS, "" for Store's without.
	Endpoint string
	// Env is added to the environment.
	Env []string
}

// StartTempo runs all of Tempo in one process, with short times for everything:
// a block is cut after two seconds and flushed after one more. It does not wait
// until Tempo is ready.
func StartTempo(t *testing.T, c Config) Tempo {
	t.Helper()
	at := Free(t, 5)
	tempo := Tempo{Query: "http://" + at[0], GRPC: at[1], HTTP: "http://" + at[2] + "/v1/traces", Zipkin: "http://" + at[3] + "/api/v2/spans", Generation: generation(t)}
	folder := t.TempDir()
	receivers := cmp.Or(c.Receivers, fmt.Sprintf("{otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}, zipkin: {endpoint: %q}}", at[1], at[2], at[3]))
	config := fmt.Appendf(nil, `%s
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s}
distributor: {receivers: %s}
memberlist: {bind_addr: [127.0.0.1], bind_port: 0}
querier: {frontend_worker: {frontend_address: %q}}
storage:
  trace:
    backend: s3
    s3: {bucket: %s, endpoint: %q, region: %s, access_key: %s, secret_key: %s, insecure: %t}
    wal: {path: %s/wal}
    blocklist_poll: 1s
usage_report: {reporting_enabled: false}
`, c.quickly(folder, tempo.Generation), port(at[0]), port(at[4]), receivers, at[4], c.Store.Bucket, c.endpoint(t), cmp.Or(c.Store.Region, Region), c.Store.User, c.Store.Key, c.Endpoint == "", folder)
	file := filepath.Join(folder, "tempo.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	tempo.Log = Start(t, "tempo", c.Env, "-config.file="+file)
	return tempo
}

// quickly are the settings of a generation by which blocks are written, merged and
// deleted soon.
func (c Config) quickly(folder string, generation int64) string {
	forget, compaction := cmp.Or(c.Forget, "1m"), cmp.Or(c.Compaction, "{}")
	if generation > 2 {
		return fmt.Sprintf(`
live_store: {max_trace_idle: 1s, max_block_duration: 2s, flush_check_period: 1s, complete_block_timeout: %s, wal: {path: %[2]s/live/traces}, shutdown_marker_dir: %[2]s/live/marker}
backend_scheduler:
  local_work_path: %[2]s
  maintenance_interval: 1s
  provider: {compaction: {measure_interval: 1s, min_cycle_interval: 1s, compaction: %[3]s}, retention: {interval: 1s}}
backend_worker: {compaction: %[3]s}`, forget, folder, compaction)
	}
	search := ""
	if generation < 2 {
		search = fmt.Sprintf("\nsearch_enabled: %t", c.Search)
	}
	return fmt.Sprintf(`
ingester: {lifecycler: {min_ready_duration: 0s, join_after: 0s}, trace_idle_period: 1s, max_block_duration: 2s, flush_check_period: 1s, complete_block_timeout: %s}
compactor: {compaction: %s}%s`, forget, compaction, search)
}

func (c Config) endpoint(t *testing.T) string {
	t.Helper()
	if at := cmp.Or(c.Endpoint, c.Store.Endpoint); at != "" {
		return at
	}
	return testkit.Env(t, "LAB_MINIO_ENDPOINT")
}

func port(address string) string {
	_, number, _ := net.SplitHostPort(address)
	return number
}
