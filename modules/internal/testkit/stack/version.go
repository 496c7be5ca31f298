// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// Site is what stays when one version of Tempo follows another: the volume, the
// bucket and the addresses.
type Site struct {
	Store  Store
	Volume string
	// Query, HTTP and Zipkin are URLs, the last two with their paths; GRPC is
	// host:port.
	Query, GRPC, HTTP, Zipkin string

	// Stored makes search, from Tempo 2.10 on, read all traces from the store,
	// not only those older than 15 minutes (query_backend_after).
	Stored bool

	// Metrics is where span metrics and service graphs are sent each second, a URL
	// that takes remote write, or "" for no metrics generator. Tempo before 3 gets
	// what answers TraceQL metrics, too.
	Metrics string

	at []string
}

// NewSite creates a bucket and an empty volume, and picks free addresses.
func NewSite(t *testing.T) Site {
	t.Helper()
	at := Free(t, 5)
	return Site{
		Store: NewStore(t, nil), Volume: t.TempDir(), at: at,
		Query: "http://" + at[0], GRPC: at[1], HTTP: "http://" + at[2] + "/v1/traces", Zipkin: "http://" + at[3] + "/api/v2/spans",
	}
}

// Start runs a version of Tempo in one process: what LAB_TEMPO names for it, else
// the lab's stand-in. It keeps Tempo's default times, with which a trace is
// stored half an hour after it arrived, but polls for blocks every second.
func (s Site) Start(t *testing.T, version string) *Process {
	t.Helper()
	own := fmt.Sprintf(`
search_enabled: %t
ingester: {lifecycler: {min_ready_duration: 0s, join_after: 0s}}`, compat.Major(version) < 2)
	if compat.Major(version) == 2 {
		own = "\ningester: {lifecycler: {min_ready_duration: 0s, join_after: 0s}}"
	}
	if compat.Major(version) >= 3 {
		own = fmt.Sprintf(`
live_store: {wal: {path: %[1]s/live-store/traces}, shutdown_marker_dir: %[1]s/live-store/shutdown-marker}
backend_scheduler: {local_work_path: %[1]s}`, s.Volume)
	}
	frontend := "{trace_by_id: {query_shards: 2}, query_end_cutoff: 0s}"
	if s.Stored {
		frontend = "{trace_by_id: {query_shards: 2}, query_end_cutoff: 0s, search: {query_backend_after: 0s}}"
	}
	if compat.Major(version) < 2 {
		frontend = "{}"
	}
	config := fmt.Appendf(nil, `%s
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s}
distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}, zipkin: {endpoint: %q}}}
memberlist: {bind_addr: [127.0.0.1], bind_port: 0}
querier: {frontend_worker: {frontend_address: %q}}
storage:
  trace:
    backend: s3
    s3: {bucket: %s, endpoint: %q, region: eu-west-1, access_key: %s, secret_key: %s, insecure: true}
    wal: {path: %s/wal}
    blocklist_poll: 1s
query_frontend: %s
usage_report: {reporting_enabled: false}
%s`, own, port(s.at[0]), port(s.at[4]), s.at[1], s.at[2], s.at[3], s.at[4], s.Store.Bucket, testkit.Env(t, "LAB_MINIO_ENDPOINT"), s.Store.User, s.Store.Key, s.Volume, frontend, s.generator(version))
	file := filepath.Join(t.TempDir(), "tempo.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	path := broughtAs(version)
	if path == "" {
		path = program(t, "tempo")
	}
	return launch(t, path, []string{"TEMPO_STAND_IN_VERSION=" + version}, "-config.file="+file)
}

func (s Site) generator(version string) string {
	if s.Metrics == "" {
		return ""
	}
	kept, more := "", ""
	if compat.Major(version) < 3 {
		kept, more = fmt.Sprintf("traces_storage: {path: %s/traces}, ", s.Volume), ", local-blocks"
	}
	return fmt.Sprintf(`
metrics_generator: {%sregistry: {collection_interval: 1s}, storage: {path: %s/generator, remote_write: [{url: %q, send_exemplars: true}]}}
overrides: {defaults: {metrics_generator: {processors: [span-metrics, service-graphs%s]}}}
`, kept, s.Volume, s.Metrics, more)
}
