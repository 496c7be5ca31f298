// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnobservedEntryPointsAreNamed(t *testing.T) {
	const otlp = "the lines of the access log do not reach the log of Traefik's pods (--accesslog.otlp without --accesslog.dualOutput=true)"
	cases := map[string]struct {
		reason string
		args   []string
		change func(*Config)
		want   []string
	}{
		"spans":          {"one entry point", []string{"--entryPoints.web.address=:8000/tcp", "--entryPoints.web.observability.tracing=false"}, nil, []string{"entry point web opens no spans (--entryPoints.web.observability.tracing=false)"}},
		"both of two":    {"each by name", []string{"--entrypoints.web.observability.accesslogs=false", "--entryPoints.websecure.observability.tracing=False"}, nil, []string{"entry point web writes no access log (--entrypoints.web.observability.accesslogs=false)", "entry point websecure opens no spans (--entryPoints.websecure.observability.tracing=False)"}},
		"on":             {"explicitly on", []string{"--entryPoints.web.observability.tracing=true", "--entryPoints.web.observability.metrics=false"}, nil, nil},
		"last wins":      {"an argument after the chart's", []string{"--entryPoints.web.observability.tracing=false", "--entrypoints.WEB.observability.tracing=true"}, nil, nil},
		"no log wanted":  {"only spans count", []string{"--entryPoints.web.observability.accessLogs=false", "--accesslog.otlp=true"}, func(c *Config) { c.AccessLog = false }, nil},
		"otlp":           {"nothing is written to standard output", []string{"--accesslog=true", "--accesslog.otlp=true"}, nil, []string{otlp}},
		"otlp by part":   {"setting any part switches it on", []string{"--accesslog.otlp.http.endpoint=http://x"}, nil, []string{otlp}},
		"both outputs":   {"since Traefik 3.7", []string{"--accesslog.otlp=true", "--accesslog.dualOutput=true"}, nil, nil},
		"one output":     {"explicitly", []string{"--accesslog.otlp=true", "--accesslog.dualOutput=false"}, nil, []string{otlp}},
		"a file":         {"no agent ships it", []string{"--accesslog=true", "--accessLog.filePath=/var/log/access.log"}, nil, []string{"the lines of the access log go to a file, and not to the log of Traefik's pods (--accesslog.filepath=/var/log/access.log)"}},
		"no file":        {"standard output by its path", []string{"--accesslog.filepath=/dev/stdout"}, nil, nil},
		"its own output": {"another path for it", []string{"--accesslog.filepath=/proc/self/fd/1"}, nil, nil},
		"filters": {"each by name", []string{"--accessLog.filters.statusCodes=400-599", "--accesslog.filters.minduration=1s", "--accesslog.filters.retryattempts=false"}, nil, []string{
			"the access log has only some of the requests (--accesslog.filters.minduration=1s)", "the access log has only some of the requests (--accesslog.filters.statuscodes=400-599)"}},
		"filters, no log wanted": {"only spans count", []string{"--accesslog.filters.minduration=1s", "--accesslog.filepath=/x"}, func(c *Config) { c.AccessLog = false }, nil},
		"otlp off":               {"it is off", []string{"--accesslog.otlp=false"}, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := Config{AccessLog: true}
			if c.change != nil {
				c.change(&config)
			}
			require.Equal(t, c.want, Target{Config: config}.Unobserved(c.args, false), c.reason)
		})
	}
}

func TestSidecarMayPrintTheLines(t *testing.T) {
	args := []string{"--accesslog=true", "--accesslog.filepath=/data/access.log"}
	require.Empty(t, Target{Config: Config{AccessLog: true}}.Unobserved(args, true))
}
