// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikprobe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

const sentID = "4bf92f3577b34da6a3ce929d0e0e4736"

// The lines are of Traefik 2.9 and 3.7, shortened to what matters.
func TestLineOfARequest(t *testing.T) {
	v2, v3 := "request_X-B3-Traceid", "trace_id"
	cases := map[string]struct {
		reason string
		field  string
		log    string
		seen   bool
		fails  string
	}{
		"v2": {"the header", v2, `{"RequestPath":"/?probe=probe-1","request_X-B3-Traceid":"4bf92f3577b34da6a3ce929d0e0e4736","DownstreamStatus":200}`, true, ""},
		"v3": {"the field", v3, `{"RequestPath":"/?probe=probe-1","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`, true, ""},
		"among others": {"other requests, and Traefik's own log line of this one", v3, `{"level":"debug","message":"Service selected for /?probe=probe-1"}
not JSON probe-1
{"RequestPath":"/","trace_id":"00000000000000000000000000000001"}
{"RequestPath":"/?probe=probe-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}
`, true, ""},
		"chosen fields": {"the path is not logged", v3, `{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","level":"info"}`, true, ""},
		"no field": {"another version, or the field is dropped", v3, `{"RequestPath":"/?probe=probe-1","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736"}`, true,
			"the access-log line of http://10.0.0.11/?probe=probe-1 has no field trace_id, it has RequestPath, TraceId"},
		"zeros": {"Traefik 3.3 without tracing", v3, `{"RequestPath":"/?probe=probe-1","trace_id":"00000000000000000000000000000000"}`, true,
			"the access-log line of http://10.0.0.11/?probe=probe-1 has a trace ID of zeros"},
		"another ID": {"B3 is not honoured", v3, `{"RequestPath":"/?probe=probe-1","trace_id":"00000000000000000000000000000001"}`, true,
			"the access-log line of http://10.0.0.11/?probe=probe-1 has the trace ID 00000000000000000000000000000001, but the request was sent with 4bf92f3577b34da6a3ce929d0e0e4736"},
		"no ID is logged": {"with without_trace_id a line is enough", "", `{"RequestPath":"/?probe=probe-1"}`, true, ""},
		"none":            {"only other requests", v3, `{"RequestPath":"/","trace_id":"00000000000000000000000000000001"}`, false, ""},
	}
	made := probeRequest{url: "http://10.0.0.11/?probe=probe-1", mark: "probe-1", id: sentID, injected: true}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			about := made.in([]containerLog{{"traefik-1", "traefik", ""}, {"traefik-2", "stream-accesslog", c.log}}, c.field)
			require.Equal(t, c.seen, about.pod == "traefik-2", c.reason)
			if !c.seen {
				return
			}
			err := verify(traefikchart.Target{Version: compat.TraefikVersion{TraceIDField: c.field}}, made, about)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
		})
	}
}

// A propagator that is not known here may give the request any ID.
func TestAnyIDWithoutInjectedHeaders(t *testing.T) {
	v3 := traefikchart.Target{Version: compat.TraefikVersion{Export: compat.OTLP, TraceIDField: "trace_id"}, Config: traefikchart.Config{Propagators: []string{"jaeger"}}}
	header := map[string][]string{}
	require.False(t, inject(v3, header, sentID))
	require.Empty(t, header)
	require.NoError(t, verify(v3, probeRequest{id: sentID}, logEntry{value: "00000000000000000000000000000001"}))
}

func TestTraceHeaders(t *testing.T) {
	cases := map[string]struct {
		reason      string
		export      compat.TraefikExport
		propagators []string
		header, is  string
	}{
		"v2":           {"always B3", compat.Zipkin, nil, "X-B3-Traceid", sentID},
		"b3multi":      {"the default of the option", compat.OTLP, []string{"tracecontext", "baggage", "b3multi"}, "X-B3-Traceid", sentID},
		"b3":           {"one header", compat.OTLP, []string{"b3"}, "B3", sentID + "-"},
		"tracecontext": {"without B3", compat.OTLP, []string{"tracecontext"}, "Traceparent", "00-" + sentID + "-"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			to := traefikchart.Target{Version: compat.TraefikVersion{Export: c.export}, Config: traefikchart.Config{Propagators: c.propagators}}
			header := map[string][]string{}
			require.True(t, inject(to, header, sentID), c.reason)
			require.Contains(t, header[c.header][0], c.is, c.reason)
		})
	}
}

func TestReasonsForAMissingLine(t *testing.T) {
	late := fault.New(fault.Timeout, "", "wait for the access-log line of the request: timed out")
	cases := map[string]struct {
		reason string
		args   []string
		cause  error
		hint   string
	}{
		"file":    {"nothing prints the file", []string{"--accesslog.filepath=/data/access.log"}, late, "the access log goes into the file /data/access.log: a sidecar has to print it"},
		"output":  {"standard output by its path", []string{"--accesslog.filepath=/dev/stdout"}, late, "check that http://10.0.0.11/ leads to this Traefik"},
		"filters": {"only errors are logged", []string{"--accesslog.filters.statuscodes=500-599"}, late, "accesslog.filters in Traefik's arguments may leave the line out"},
		"neither": {"another Traefik may have received the request", []string{"--accesslog=true"}, late, "check that http://10.0.0.11/ leads to this Traefik"},
		"denied":  {"a forbidden log reports that itself", nil, fault.New(fault.Denied, "give this user the right", "read the log"), "give this user the right"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := probeRequest{url: "http://10.0.0.11/", status: 200}.explain(c.args, c.cause)
			require.Equal(t, c.hint, fault.HintOf(err), c.reason)
			require.Equal(t, fault.KindOf(c.cause), fault.KindOf(err), c.reason)
		})
	}
}
