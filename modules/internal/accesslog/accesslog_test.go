// SPDX-License-Identifier: AGPL-3.0-or-later

package accesslog

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loglink"
)

func TestTraefikArguments(t *testing.T) {
	type facts struct {
		off, mute, drops, filtered bool
		sampled                    string
	}
	cases := map[string]struct {
		reason string
		args   []string
		want   facts
	}{
		"nothing":            {"the arguments could not be read", nil, facts{}},
		"none":               {"it is off by default", []string{"--ping=true"}, facts{off: true}},
		"to its output":      {"as the role writes it", []string{"--accesslog=true", "--accesslog.format=json"}, facts{}},
		"switched off":       {"explicitly", []string{"--accesslog=false"}, facts{off: true}},
		"by a part of it":    {"setting any part of it switches it on", []string{"--accessLog.format=json"}, facts{}},
		"OTLP":               {"nothing is written to standard output", []string{"--accesslog=true", "--accesslog.otlp=true", "--accesslog.otlp.http.endpoint=http://c:4318/v1/logs"}, facts{mute: true}},
		"OTLP and output":    {"from 3.7 on", []string{"--accesslog.otlp.grpc=true", "--accessLog.dualOutput=true"}, facts{}},
		"dual is off":        {"by name", []string{"--accesslog.otlp.grpc=true", "--accesslog.dualoutput=false"}, facts{mute: true}},
		"dual otherwise":     {"1 is true", []string{"--accesslog.otlp.grpc=true", "--accesslog.dualoutput=1"}, facts{}},
		"OTLP is off":        {"an endpoint is left over", []string{"--accesslog=true", "--accesslog.otlp=false", "--accesslog.otlp.http.endpoint=http://c:4318/v1/logs"}, facts{}},
		"dropped":            {"the field's own mode", []string{"--accesslog=true", "--accesslog.fields.names.TraceId=drop"}, facts{drops: true}},
		"all dropped":        {"fields.defaultMode", []string{"--accesslog=true", "--accesslog.fields.defaultmode=drop"}, facts{drops: true}},
		"all but this":       {"its own mode takes precedence", []string{"--accesslog=true", "--accesslog.fields.defaultmode=drop", "--accesslog.fields.names.TraceId=keep"}, facts{}},
		"a command":          {"other arguments say nothing: a file may hold all settings", []string{"/entrypoint.sh"}, facts{}},
		"filtered":           {"only slow requests", []string{"--accesslog=true", "--accesslog.filters.minduration=1s"}, facts{filtered: true}},
		"sampled":            {"one request in ten", []string{"--accesslog", "--tracing.samplerate=0.1"}, facts{sampled: "0.1"}},
		"sampled completely": {"every request", []string{"--accesslog", "--tracing.sampleRate=1.0"}, facts{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := Read(c.args)
			require.Equal(t, c.want, facts{s.Off(), s.OTLPOnly(), s.Drops(), s.Filtered(), s.Sampled()}, c.reason)
		})
	}
}

func TestLinesInCommonFormat(t *testing.T) {
	require.True(t, Common(`10.42.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "-" 7 "r" "http://x" 3ms`))
	require.False(t, Common(`{"RequestPath":"/"}`))
	require.False(t, Common(`level=info msg="GET /"`))
}

func TestVersionsThatLogNoTraceID(t *testing.T) {
	for version, want := range map[string]bool{"2.9.1": false, "3.0.4": true, "3.1.2": true, "3.2.0": false, "3.3.1": true, "3.7.9": false, "": false, "latest": false} {
		require.Equal(t, want, LogsNoID(version), version)
	}
}

func TestReasonsForAMissingTraceID(t *testing.T) {
	const common = `10.42.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12`
	cases := map[string]struct {
		reason  string
		args    []string
		version string
		line    string
		traced  bool
		want    Miss
	}{
		"version":     {"this version writes none, whatever is set", []string{"--accesslog.fields.defaultmode=drop"}, "3.1.0", "{}", true, NoIDYet},
		"dropped":     {"by its mode", []string{"--accesslog.fields.defaultmode=drop"}, "3.7.9", "{}", true, IDDropped},
		"common":      {"the format has no fields", []string{"--accesslog"}, "3.7.9", common, true, NoIDInCommon},
		"not sampled": {"no span either", []string{"--accesslog"}, "3.7.9", "{}", false, NotSampled},
		"unknown":     {"the cause is unknown", nil, "", "{}", true, NoID},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, Read(c.args).WhyNoID(c.version, c.line, c.traced), c.reason)
		})
	}
}

func TestReasonsForAMissingLine(t *testing.T) {
	on, ours := []string{"--accesslog"}, []string{`{app="traefik"}`}
	cases := map[string]struct {
		reason string
		args   []string
		seen   *loglink.Found
		want   Miss
		words  string
	}{
		"off":         {"there is none to ship", []string{"--ping"}, nil, LogIsOff, ""},
		"OTLP":        {"nothing is written to standard output", []string{"--accesslog.otlp.http=true"}, &loglink.Found{Streams: 9}, OnlyOTLP, ""},
		"file":        {"log agents for pods do not read it", []string{"--accesslog.filePath=/data/Access.log"}, nil, ToFile, "; Traefik writes it to the file /data/Access.log"},
		"no file":     {"standard output by its path", []string{"--accesslog.filepath=/dev/stdout"}, &loglink.Found{}, LokiEmpty, "; Loki has no line at all of the last minutes"},
		"unsearched":  {"Loki does not list its streams", nil, nil, NoLine, ""},
		"empty":       {"another tenant's Loki", on, &loglink.Found{}, LokiEmpty, "; Loki has no line at all of the last minutes"},
		"others":      {"there is no log agent on Traefik's node", on, &loglink.Found{Streams: 2}, NoShipper, "; none of the 2 streams of the last minutes speaks of Traefik"},
		"filtered":    {"only some requests", []string{"--accesslog.filters.statuscodes=500"}, &loglink.Found{Streams: 2, Ours: ours}, Filtered, ""},
		"its own log": {"the reason is unknown", on, &loglink.Found{Streams: 2, Ours: ours}, NoLine, `; Traefik's lines are at {app="traefik"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			why, words := Read(c.args).WhyNoLine(c.seen)
			require.Equal(t, c.want, why, c.reason)
			require.Equal(t, c.words, words)
		})
	}
}

func TestFileThatASidecarMayPrint(t *testing.T) {
	s := Read([]string{"--accesslog.filepath=/data/access.log"})
	s.Sidecars = true
	why, _ := s.WhyNoLine(&loglink.Found{Streams: 2})
	require.Equal(t, NoShipper, why, "its lines are in the sidecar's log")
}
