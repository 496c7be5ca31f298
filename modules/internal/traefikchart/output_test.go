// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
)

const lokiURL = "http://loki-gateway.logging.svc.cluster.local/otlp/v1/logs"

func outputOf(t *testing.T, chart, version, values string, released bool, change func(*Config)) (Target, error) {
	t.Helper()
	own, err := overlay.Parse(values)
	require.NoError(t, err)
	config := Config{Endpoint: "http://tempo:4318/v1/traces", Protocol: "http", SampleRate: 1, Propagators: []string{"b3multi"}, SameSpan: true, ID128Bit: true,
		AccessLog: true, TraceHeader: "X-B3-Traceid"}
	change(&config)
	base := Layers{Own: own}
	return New(config, Found{Name: "HelmChartConfig kube-system/traefik", Chart: chart, Version: version, Base: base, Now: base, Released: released, Loki: Loki{URL: lokiURL}})
}

func to(output compat.TraefikLogs) func(*Config) { return func(c *Config) { c.LogOutput = output } }

// about are the entries that say where the access log goes, as NAME=VALUE.
func about(entries []overlay.Setting) []string {
	var all []string
	for _, entry := range entries {
		if !isAbout(entry.String()) {
			continue
		}
		if entry.Remove {
			all = append(all, entry.String()+" goes")
			continue
		}
		all = append(all, entry.String()+"="+strings.TrimPrefix(overlay.Paste([]overlay.Setting{{Path: []string{"v"}, Value: entry.Value}}, nil), "v: "))
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func isAbout(name string) bool {
	return slices.ContainsFunc([]string{"otlplogs", "access.otlp", "accesslog.otlp", "dualoutput"}, func(part string) bool {
		return strings.Contains(strings.ToLower(name), part)
	})
}

func TestWhereTheAccessLogGoes(t *testing.T) {
	const foreign = "logs: {access: {enabled: true, otlp: {enabled: true, grpc: {enabled: true, endpoint: 'collector:4317'}}}}\nexperimental: {otlpLogs: true}\n"
	cases := map[string]struct {
		reason, chart, version, values string
		released                       bool
		change                         func(*Config)
		want                           []string
	}{
		"auto":                  {"no setting", "39.0.7", "3.6.12", "", false, to("auto"), nil},
		"auto, switched on":     {"a foreign setting is kept", "39.0.7", "3.6.12", foreign, false, to("auto"), nil},
		"stdout":                {"it is the default", "39.0.7", "3.6.12", "", false, to("stdout"), nil},
		"stdout, switched on":   {"only the switch changes, endpoint and headers are kept", "39.0.7", "3.6.12", foreign, false, to("stdout"), []string{"logs.access.otlp.enabled=false"}},
		"stdout, by arguments":  {"each argument is removed", "39.0.7", "3.6.12", "additionalArguments: ['--accesslog.otlp=true', '--accessLog.otlp.http.endpoint=http://c:4318/v1/logs', '--ping=true']", false, to("stdout"), []string{"additionalArguments[accesslog.otlp] goes", "additionalArguments[accesslog.otlp.http.endpoint] goes"}},
		"otlp by values":        {"chart 37.3 reads all of it", "39.0.701+up39.0.7", "3.6.12", "", false, to("otlp"), []string{"experimental.otlpLogs=true", "logs.access.otlp.enabled=true", "logs.access.otlp.http.enabled=true", "logs.access.otlp.http.endpoint=" + lokiURL}},
		"otlp by flags":         {"chart 34 has no values for it", "34.2.0", "3.3.6", "", false, to("otlp"), []string{"additionalArguments[experimental.otlplogs]=--experimental.otlpLogs=true", "additionalArguments[accesslog.otlp]=--accesslog.otlp=true", "additionalArguments[accesslog.otlp.http]=--accesslog.otlp.http=true", "additionalArguments[accesslog.otlp.http.endpoint]=--accesslog.otlp.http.endpoint=" + lokiURL}},
		"values without a flag": {"chart 37.2 reads the values and lacks the flag", "37.2.0", "3.5.3", "", false, to("otlp"), []string{"additionalArguments[experimental.otlplogs]=--experimental.otlpLogs=true", "additionalArguments[accesslog.otlp]=--accesslog.otlp=true", "additionalArguments[accesslog.otlp.http]=--accesslog.otlp.http=true", "additionalArguments[accesslog.otlp.http.endpoint]=--accesslog.otlp.http.endpoint=" + lokiURL}},
		"a release":             {"chart 41 refuses logs, so flags are used", "39.0.7", "3.6.12", "", true, to("otlp"), []string{"experimental.otlpLogs=true", "additionalArguments[accesslog.otlp]=--accesslog.otlp=true", "additionalArguments[accesslog.otlp.http]=--accesslog.otlp.http=true", "additionalArguments[accesslog.otlp.http.endpoint]=--accesslog.otlp.http.endpoint=" + lokiURL}},
		"both":                  {"under the new key of the access log", "41.3.0", "3.7.11", "", true, to("both"), []string{"experimental.otlpLogs=true", "accessLog.otlp.enabled=true", "accessLog.otlp.http.enabled=true", "accessLog.otlp.http.endpoint=" + lokiURL, "accessLog.dualOutput=true"}},
		"both, older chart":     {"another image, a chart without the value", "39.0.7", "3.7.0", "", false, to("both"), []string{"additionalArguments[accesslog.dualoutput]=--accesslog.dualOutput=true", "experimental.otlpLogs=true", "logs.access.otlp.enabled=true", "logs.access.otlp.http.enabled=true", "logs.access.otlp.http.endpoint=" + lokiURL}},
		"both, switched on":     {"the foreign endpoint is kept, and only dualOutput is added", "40.1.0", "3.7.1", foreign, false, to("both"), []string{"experimental.otlpLogs=true", "logs.access.otlp.enabled=true", "logs.access.otlp.grpc.enabled=true", "logs.access.dualOutput=true"}},
		"otlp of both":          {"standard output goes silent", "41.3.0", "3.7.11", "accessLog: {enabled: true, dualOutput: true}", false, to("otlp"), []string{"accessLog.dualOutput=false", "experimental.otlpLogs=true", "accessLog.otlp.enabled=true", "accessLog.otlp.http.enabled=true", "accessLog.otlp.http.endpoint=" + lokiURL}},
		"a collector, a tenant": {"as in the task", "41.3.0", "3.7.11", "", false, func(c *Config) {
			c.LogOutput, c.LogEndpoint, c.LogTenant = "otlp", "http://collector:4318/v1/logs", "pi"
		}, []string{"experimental.otlpLogs=true", "accessLog.otlp.enabled=true", "accessLog.otlp.http.enabled=true", "accessLog.otlp.http.endpoint=http://collector:4318/v1/logs", "accessLog.otlp.http.headers.X-Scope-OrgID=pi"}},
		"no access log": {"there is no log to export", "41.3.0", "3.7.11", "", false, func(c *Config) { c.AccessLog = false }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			target, err := outputOf(t, c.chart, c.version, c.values, c.released, c.change)
			require.NoError(t, err)
			require.ElementsMatch(t, c.want, about(target.Entries()), c.reason)
		})
	}
}

func TestWhereTheAccessLogCannotGo(t *testing.T) {
	const foreign = "accessLog: {enabled: true, otlp: {enabled: true, http: {enabled: true, endpoint: 'https://collector.example/v1/logs?key=geheim', headers: {Authorization: geheim}}}}"
	cases := map[string]struct {
		reason, chart, version, values string
		change                         func(*Config)
		want, hint                     string
	}{
		"Traefik 2":        {"it does not support OTLP", "27.0.2", "2.11.2", "", to("otlp"), "Traefik 2.11.2 cannot send its access log by OTLP", "access_log_output: stdout, or an image_tag of v3.3.0 or newer"},
		"Traefik 3.2":      {"one minor version too old", "34.2.0", "3.2.5", "", to("otlp"), "Traefik 3.2.5 cannot send its access log by OTLP", "access_log_output: stdout, or an image_tag of v3.3.0 or newer"},
		"both before 3.3":  {"neither is supported", "34.2.0", "3.2.5", "", to("both"), "Traefik 3.2.5 cannot send its access log by OTLP", "access_log_output: stdout, or an image_tag of v3.7.0 or newer"},
		"both before 3.7":  {"without dualOutput", "39.0.7", "3.6.12", "", to("both"), "Traefik 3.6.12 cannot send its access log by OTLP and write it to its output as well", "access_log_output: otlp for one of the two, stdout, or an image_tag of v3.7.0 or newer"},
		"another server":   {"a header would be sent along, and no secret is shown", "41.3.0", "3.7.11", foreign, func(c *Config) { c.LogOutput, c.LogEndpoint = "otlp", "http://loki:3100/otlp/v1/logs" }, "HelmChartConfig kube-system/traefik: its access log goes by OTLP to https://collector.example already, by settings of somebody else", "leave access_log_endpoint and access_log_tenant out to keep that, or take accessLog.otlp out of Traefik's values first; nothing was changed"},
		"another tenant":   {"the header belongs to the server", "41.3.0", "3.7.11", foreign, func(c *Config) { c.LogOutput, c.LogTenant = "both", "pi" }, "HelmChartConfig kube-system/traefik: its access log goes by OTLP to https://collector.example already, by settings of somebody else", "leave access_log_endpoint and access_log_tenant out to keep that, or take accessLog.otlp out of Traefik's values first; nothing was changed"},
		"gRPC by argument": {"it wins over HTTP", "41.3.0", "3.7.11", "additionalArguments: ['--accesslog.otlp.grpc=true']", func(c *Config) { c.LogOutput, c.LogEndpoint = "otlp", "http://loki:3100/otlp/v1/logs" }, "HelmChartConfig kube-system/traefik: its access log goes by OTLP to a server by gRPC already, by settings of somebody else", "leave access_log_endpoint and access_log_tenant out to keep that, or take accessLog.otlp out of Traefik's values first; nothing was changed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := outputOf(t, c.chart, c.version, c.values, false, c.change)
			require.EqualError(t, err, c.want, c.reason)
			require.Equal(t, c.hint, fault.HintOf(err), c.reason)
		})
	}
}

func TestNoLokiToSendTo(t *testing.T) {
	none := fault.New(fault.NotFound, "", "no Loki in the cluster takes logs")
	config := Config{Endpoint: "http://tempo:4318/v1/traces", AccessLog: true, LogOutput: "otlp"}
	_, err := New(config, Found{Name: "x", Chart: "41.3.0", Version: "3.7.11", Loki: Loki{Err: none}})
	require.Equal(t, none, err)

	config.LogOutput = KeepOutput
	_, err = New(config, Found{Name: "x", Chart: "41.3.0", Version: "3.7.11", Loki: Loki{Err: none}})
	require.NoError(t, err, "it was not requested")
}

func TestOutputThatIsNotInEffect(t *testing.T) {
	cases := map[string]struct {
		reason string
		output compat.TraefikLogs
		args   []string
		want   []string
	}{
		"missing": {"the chart ignored the values", "both", []string{"--accesslog.otlp=true", "--accesslog.otlp.http=true", "--accesslog.otlp.http.endpoint=" + lokiURL},
			[]string{"--experimental.otlpLogs=true is missing", "--accesslog.dualOutput=true is missing"}},
		"still by OTLP": {"something else switches it on", "stdout", []string{"--accesslog.otlp=true", "--accesslog.otlp.http.endpoint=http://c:4318"},
			[]string{"--accesslog.otlp is still there", "--accesslog.otlp.http.endpoint is still there"}},
		"still written": {"dualOutput", "otlp", []string{"--experimental.otlplogs=true", "--accesslog.otlp=true", "--accesslog.otlp.http", "--accesslog.otlp.http.endpoint=" + lokiURL, "--accesslog.dualOutput=true"},
			[]string{"--accesslog.dualoutput is still there"}},
		"gRPC": {"it wins over HTTP", "otlp", []string{"--experimental.otlplogs=true", "--accesslog.otlp=true", "--accesslog.otlp.http", "--accesslog.otlp.http.endpoint=" + lokiURL, "--accesslog.otlp.grpc.endpoint=c:4317"},
			[]string{"--accesslog.otlp.grpc.endpoint is still there"}},
		"left alone": {"auto requires nothing", "auto", []string{"--accesslog.otlp=true"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			target, err := outputOf(t, "41.3.0", "3.7.11", "", false, to(c.output))
			require.NoError(t, err)
			var got []string
			for _, one := range target.Missing(c.args, nil) {
				if isAbout(one) {
					got = append(got, one)
				}
			}
			require.Equal(t, c.want, got, c.reason)
		})
	}
}
