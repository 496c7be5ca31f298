// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Collect has the OpenTelemetry Collector send the lines of a log file to Loki by
// OTLP until the end of the test, as those of Traefik's container in k3s. The
// operators, YAML on one line, come after the one that reads the kubelet's files.
// The names of receiver and exporter are those that releases of any age know
// (open-telemetry/opentelemetry-collector-contrib receiver/filelogreceiver;
// grafana/loki docs, send-data/otel).
func (l Loki) Collect(t *testing.T, file, tenant, operators string) {
	t.Helper()
	pods := t.TempDir()
	container := filepath.Join(pods, "kube-system_traefik-5d45fc8cc9-x2x7w_1c2f6a8e-6ab5-4a1b-9d0b-3f1f0c0a2b11", "traefik")
	require.NoError(t, os.MkdirAll(container, 0o700))
	follow(t, file, func(lines []byte) error { return contain(filepath.Join(container, "0.log"), lines) })
	config := fmt.Appendf(nil, `
receivers: {filelog: {include: [%q], include_file_path: true, start_at: beginning, poll_interval: 100ms, operators: [{type: container}, %s]}}
exporters: {otlphttp: {endpoint: %q, headers: {X-Scope-OrgID: %q}}}
service:
  pipelines: {logs: {receivers: [filelog], exporters: [otlphttp]}}
  telemetry: {metrics: {level: none}}
`, pods+"/*/*/*.log", operators, l.URL+"/otlp", tenant)
	written := filepath.Join(t.TempDir(), "collector.yaml")
	require.NoError(t, os.WriteFile(written, config, 0o600))
	Start(t, "otelcol", nil, "--config="+written)
}

// contain appends lines to a container's file as containerd writes them for the
// kubelet: the time, the stream, and F for a full line.
func contain(file string, lines []byte) error {
	into, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var text []byte
	for line := range bytes.Lines(lines) {
		text = fmt.Appendf(text, "%s stdout F %s", time.Now().UTC().Format(time.RFC3339Nano), line)
	}
	_, err = into.Write(text)
	return errors.Join(err, into.Close())
}
