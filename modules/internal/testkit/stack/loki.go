// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Loki is a running Grafana Loki with tenants: the lab's stand-in, or what
// LAB_LOKI names.
type Loki struct {
	// URL is that of its HTTP API.
	URL string
	// Version is what the program reports, 3.7.8 for the stand-in.
	Version string
}

// StartLoki runs all of Loki in one process on loopback until the end of the
// test. It does not wait until Loki is ready, which takes a second: by default an
// ingester waits 15 s (min_ready_duration), and the frontend 10 s for a scheduler
// from the ring, so the queriers are given its address. The interface is named
// since a machine may have no eth0 (grafana/loki v3.7.8,
// docs/sources/shared/configuration.md).
func StartLoki(t *testing.T) Loki {
	t.Helper()
	at, folder := Free(t, 2), t.TempDir()
	config := fmt.Appendf(nil, `
auth_enabled: true
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s, log_level: warn}
common:
  instance_addr: 127.0.0.1
  instance_interface_names: [lo]
  path_prefix: %s
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %[3]s/chunks, rules_directory: %[3]s/rules}}
ingester: {lifecycler: {min_ready_duration: 0s}}
frontend_worker: {frontend_address: %[4]q}
schema_config:
  configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
analytics: {reporting_enabled: false}
`, port(at[0]), port(at[1]), folder, at[1])
	file := filepath.Join(folder, "loki.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	Start(t, "labloki", nil, "-config.file="+file)
	return Loki{URL: "http://" + at[0], Version: versionOf(t, "labloki")}
}
