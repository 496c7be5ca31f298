//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

const logServer = "http://loki-gateway.logging.svc.cluster.local/otlp/v1/logs"

// exportFlags send the access log to that server.
var exportFlags = []string{"--experimental.otlpLogs=true", "--accesslog.otlp=true", "--accesslog.otlp.http=true", "--accesslog.otlp.http.endpoint=" + logServer}

// foreignExport are a user's own values for another server.
const foreignExport = `logs:
  access:
    enabled: true
    otlp:
      enabled: true
      grpc:
        enabled: true
        endpoint: collector.logging:4317
        insecure: true
experimental:
  otlpLogs: true
`

// The flags reach Traefik by values if the chart has such, and by arguments
// otherwise; a second run finds nothing to do, and absent restores.
func TestAccessLogByOTLP(t *testing.T) {
	t.Parallel()
	both := slices.Concat(exportFlags, []string{"--accesslog.dualOutput=true"})
	cases := map[string]struct {
		reason, chart string
		released      bool
		values        string
		options       map[string]any
		flags         []string
	}{
		"by arguments":  {"k3s 1.32.2: the chart has no values for it", "34.2.1+up34.2.0", false, "", map[string]any{"access_log_output": "otlp", "access_log_endpoint": logServer, "image_tag": "v3.3.6"}, exportFlags},
		"by values":     {"k3s 1.35, with a tenant", "39.0.701+up39.0.7", false, "", map[string]any{"access_log_output": "otlp", "access_log_endpoint": logServer, "access_log_tenant": "pi"}, append(slices.Clone(exportFlags), "--accesslog.otlp.http.headers.X-Scope-OrgID=pi")},
		"a release":     {"values that chart 41 refuses are left out", "39.0.7", true, "", map[string]any{"access_log_output": "otlp", "access_log_endpoint": logServer}, exportFlags},
		"both, release": {"with a schema", "41.3.0", true, "", map[string]any{"access_log_output": "both", "access_log_endpoint": logServer}, both},
		"kept":          {"the user's endpoint is kept", "39.0.701+up39.0.7", false, foreignExport, map[string]any{"access_log_output": "otlp"}, []string{"--experimental.otlpLogs=true", "--accesslog.otlp=true", "--accesslog.otlp.grpc=true", "--accesslog.otlp.grpc.endpoint=collector.logging:4317", "--accesslog.otlp.grpc.insecure=true"}},
		"stdout":        {"the user's OTLP export is switched off", "39.0.701+up39.0.7", false, foreignExport, map[string]any{"access_log_output": "stdout"}, []string{"--experimental.otlpLogs=true"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.begins(t, c.chart, c.values, c.released)
			before, _ := l.about(t)

			testkit.FourRuns(t, l.task(c.options))
			require.ElementsMatch(t, c.flags, l.export(t), c.reason)

			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			after, _ := l.about(t)
			require.ElementsMatch(t, before, after, "as it was")
		})
	}
}

// begins installs a Traefik with the user's values: in a HelmChartConfig, or of a
// release.
func (l lab) begins(t *testing.T, chart, values string, released bool) {
	t.Helper()
	switch {
	case released:
		l.release(t, chart, nil)
	case values != "":
		l.install(t, chart, "", &values)
	default:
		l.install(t, chart, "", nil)
	}
}

// export are the arguments about where the access log goes.
func (l lab) export(t *testing.T) []string {
	t.Helper()
	args, _ := l.about(t)
	return slices.DeleteFunc(args, func(arg string) bool {
		arg = strings.ToLower(arg)
		return !strings.HasPrefix(arg, "--experimental.otlplogs") && !strings.HasPrefix(arg, "--accesslog.otlp") && !strings.HasPrefix(arg, "--accesslog.dualoutput")
	})
}
