// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The parts of a Tempo below 3 find each other by gossip, and do together what one process does alone.
func TestParts(t *testing.T) {
	each(t, "3.0", func(t *testing.T, p program) { // from 3 on parts need Kafka
		t.Parallel()
		c := newCluster(t, p)
		front := c.start("query-frontend")
		c.await(front, "Query Frontend not ready: not ready: number of queriers connected to query-frontend is 0")
		for _, part := range []string{"ingester", "distributor", "compactor", "querier"} {
			c.start(part)
		}
		for _, address := range c.web {
			c.await(address, "ready\n")
		}
		body := zipkin(byZipkin, "web", "vote", age)
		require.Eventually(t, func() bool {
			status, _, _ := call(http.MethodPost, "http://"+c.zipkin+"/api/v2/spans", map[string]string{"Content-Type": "application/json"}, body)
			return status == http.StatusAccepted
		}, 40*time.Second, 500*time.Millisecond, "the distributor finds the ingester")
		for _, mode := range []string{"ingesters", "blocks", "all"} {
			require.Eventually(t, func() bool {
				status, _, _ := call(http.MethodGet, "http://"+front+"/api/traces/"+byZipkin+"?mode="+mode, nil, nil)
				return status == http.StatusOK
			}, 40*time.Second, 500*time.Millisecond, "the query frontend finds it: %s", mode)
		}
	})
}

// A metrics generator of its own gets the spans from the distributor.
func TestMetricsByParts(t *testing.T) {
	each(t, "3.0", func(t *testing.T, p program) {
		if !p.among(t, "2.10", "") {
			return // what earlier ones send was not looked at
		}
		t.Parallel()
		c, to := newCluster(t, p), newSink(t)
		c.more = fmt.Sprintf(`
metrics_generator:
  {ring: {instance_addr: 127.0.0.1}, registry: {collection_interval: 1s}, traces_storage: {path: %[1]s/traces}, storage: {path: %[1]s/generator, remote_write: [{url: %[2]q}]}}
overrides: {defaults: {metrics_generator: {processors: [span-metrics]}}}
`, c.folder, to.url)
		for _, part := range []string{"ingester", "metrics-generator", "distributor"} {
			c.start(part)
		}
		require.Eventually(t, func() bool {
			call(http.MethodPost, "http://"+c.zipkin+"/api/v2/spans", map[string]string{"Content-Type": "application/json"}, measured(t))
			return to.of("traces_spanmetrics_calls_total")[`{service="worker",span_kind="SPAN_KIND_CONSUMER",span_name="consume",status_code="STATUS_CODE_UNSET"}`] > 0
		}, patience, time.Second, "the distributor finds both, and the generator sends")
	})
}

// cluster are the processes of one Tempo on loopback, each with its own ports.
type cluster struct {
	program
	t                     *testing.T
	folder                string
	gossip, front, zipkin string
	more                  string // of the configuration of all parts
	web                   map[string]string
}

func newCluster(t *testing.T, p program) *cluster {
	t.Helper()
	at := free(t, 3)
	folder, err := os.MkdirTemp("", "tempo")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return &cluster{program: p, t: t, folder: folder, gossip: at[0], front: at[1], zipkin: at[2], web: map[string]string{}}
}

// start runs one part, and returns the address of its pages.
func (c *cluster) start(part string) string {
	c.t.Helper()
	at := free(c.t, 3)
	web, inner, gossip := at[0], at[1], at[2]
	switch part {
	case "query-frontend":
		inner = c.front
	case "ingester":
		gossip = c.gossip // not every part gossips
	}
	more := c.more
	if part == "distributor" {
		more += fmt.Sprintf("distributor: {receivers: {zipkin: {endpoint: %q}}}\n", c.zipkin)
	}
	file := filepath.Join(c.folder, part+".yaml")
	require.NoError(c.t, os.WriteFile(file, fmt.Appendf([]byte(more), `
server: {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s}
memberlist: {bind_addr: [127.0.0.1], advertise_addr: 127.0.0.1, advertise_port: %[3]s, bind_port: %[3]s, node_name: %[4]s, join_members: [%[5]q], abort_if_cluster_join_fails: false}
ingester: {lifecycler: {address: 127.0.0.1, min_ready_duration: 1s, join_after: 0s}, trace_idle_period: 1s, max_block_duration: 8s, flush_check_period: 1s}
querier: {frontend_worker: {frontend_address: %[6]q}}
storage: {trace: {backend: local, local: {path: %[7]s/blocks}, wal: {path: %[7]s/wal}, blocklist_poll: 1s}}
usage_report: {reporting_enabled: false}
`, port(web), port(inner), port(gossip), part, c.gossip, c.front, c.folder), 0o600))
	log, err := os.Create(filepath.Join(c.folder, part+".log"))
	require.NoError(c.t, err)
	cmd := exec.Command(c.path, "-config.file="+file, "-target="+part)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), c.env...), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(c.t, cmd.Start())
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if output, _ := os.ReadFile(log.Name()); c.t.Failed() {
			c.t.Logf("%s said:\n%s", part, output[max(0, len(output)-800):])
		}
	})
	c.web[part] = web
	return web
}

func (c *cluster) await(address, words string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		_, _, body := call(http.MethodGet, "http://"+address+"/ready", nil, nil)
		return strings.HasPrefix(body, words)
	}, 40*time.Second, 200*time.Millisecond, words)
}
