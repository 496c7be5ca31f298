// SPDX-License-Identifier: AGPL-3.0-or-later

package loglink_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/loki"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	mark    = "probe-1f2e3d4c5b6a7988"
)

func own(id string) bool { return id == traceID }

// v3 and v2 are lines of Traefik's access log in JSON, as it writes them to its
// output (traefik/traefik pkg/middlewares/accesslog/logdata.go), and common one in
// its other format, which has no ID.
const (
	v3     = `{"ClientAddr":"10.42.0.1:52144","ClientHost":"10.42.0.1","DownstreamStatus":200,"Duration":1234567,"RequestHost":"emojivoto.example","RequestMethod":"GET","RequestPath":"/api/vote?probe=` + mark + `","ServiceName":"emojivoto-web@kubernetes","SpanId":"b7ad6b7169203331","TraceId":"` + traceID + `","level":"info","msg":"","time":"2026-11-26T10:00:00Z"}`
	v2     = `{"ClientAddr":"10.42.0.1:52144","RequestHost":"emojivoto.example","RequestPath":"/api/vote?probe=` + mark + `","level":"info","msg":"","request_User-Agent":"` + mark + `","request_X-B3-Traceid":"` + traceID + `","request_X-B3-Spanid":"b7ad6b7169203331","time":"2022-11-26T10:00:00Z"}`
	common = `10.42.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/vote?probe=` + mark + ` HTTP/1.1" 200 12 "-" "` + mark + `" 7 "emojivoto@kubernetes" "http://10.42.0.9:8080" 3ms`
)

// shape is what a shipper makes of a line.
type shape struct {
	// source is where that is written down.
	source string
	stream map[string]string
	line   string
	// metadata is structured metadata; otlp that the line comes by OTLP, the stream
	// being attributes of the resource.
	metadata map[string]string
	otlp     bool
	want     loglink.Link
}

// quoted is a line within JSON.
func quoted(line string) string { return strings.Trim(fmt.Sprintf("%q", line), `"`) }

const (
	traefikField = `"TraceId":"(\w+)"`
	nestedField  = `\\"TraceId\\":\\"(\w+)\\"`
)

// shapes are those that people run.
var shapes = map[string]shape{
	"promtail of 2022": {source: "grafana/helm-charts promtail 6.5.1, values.yaml: snippets.common, pipelineStages: cri",
		stream: map[string]string{"app": "traefik", "container": "traefik", "filename": "/var/log/pods/kube-system_traefik-5d45fc8cc9-x2x7w_0/traefik/0.log", "instance": "traefik-kube-system",
			"job": "kube-system/traefik", "namespace": "kube-system", "node_name": "node1", "pod": "traefik-5d45fc8cc9-x2x7w", "stream": "stdout"},
		line: v2, want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "request_X-B3-Traceid", Regex: `"request_X-B3-Traceid":"(\w+)"`}},
	"the seed procedure's": {source: "the seed procedure: Fluentd's record, with the line parsed under message",
		stream: map[string]string{"app": "traefik", "container": "traefik", "namespace": "kube-system", "pod": "traefik-5d45fc8cc9-x2x7w"},
		line:   `{"stream":"stdout","message":` + v2 + `}`,
		want:   loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "request_X-B3-Traceid", Regex: `"request_X-B3-Traceid":"(\w+)"`}},
	"promtail without cri": {source: "grafana/loki clients/pkg/promtail: a scrape config without stages ships the file's line",
		stream: map[string]string{"job": "kubernetes-pods", "filename": "/var/log/containers/traefik-5d45fc8cc9-x2x7w_kube-system_traefik-0a1b.log"},
		line:   `2026-11-26T10:00:00.000000000Z stdout F ` + v3,
		want:   loglink.Link{Selector: `{job="kubernetes-pods"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"Alloy": {source: "grafana/alloy docs, loki.source.kubernetes: labels of the targets, instance and job by default",
		stream: map[string]string{"instance": "kube-system/traefik-5d45fc8cc9-x2x7w:traefik", "job": "loki.source.kubernetes.pods"},
		line:   v3, want: loglink.Link{Selector: `{job="loki.source.kubernetes.pods"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"Alloy by its page": {source: "grafana.com/docs/alloy/latest/collect/logs-in-kubernetes: discovery.relabel of namespace, pod, container, app and job",
		stream: map[string]string{"namespace": "kube-system", "pod": "traefik-5d45fc8cc9-x2x7w", "container": "traefik", "app": "traefik", "job": "kube-system/traefik", "cluster": "pi", "container_runtime": "containerd"},
		line:   v3, want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"k8s-monitoring 4.4": {source: "grafana/k8s-monitoring-helm 4.4.0, podLogsViaLoki: labels and structuredMetadata of values.yaml",
		stream: map[string]string{"app_kubernetes_io_name": "traefik", "cluster": "pi", "k8s_cluster_name": "pi", "container": "traefik", "job": "kube-system/traefik", "namespace": "kube-system",
			"service_name": "traefik", "service_namespace": "kube-system"},
		metadata: map[string]string{"k8s_pod_name": "traefik-5d45fc8cc9-x2x7w", "pod": "traefik-5d45fc8cc9-x2x7w", "service_instance_id": "kube-system.traefik-5d45fc8cc9-x2x7w.traefik"},
		line:     v3, want: loglink.Link{Selector: `{app_kubernetes_io_name="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"Fluent Bit": {source: "docs.fluentbit.io, outputs/loki: labels is job=fluent-bit, line_format json; filter kubernetes without Merge_Log",
		stream: map[string]string{"job": "fluent-bit"},
		line:   `{"stream":"stdout","logtag":"F","log":"` + quoted(v3) + `","kubernetes":{"pod_name":"traefik-5d45fc8cc9-x2x7w","namespace_name":"kube-system","container_name":"traefik"}}`,
		want:   loglink.Link{Selector: `{job="fluent-bit"}`, Place: loglink.Field, Name: "TraceId", Regex: nestedField}},
	"Fluent Bit, merged": {source: "docs.fluentbit.io, filters/kubernetes: Merge_Log On puts the line's fields beside log",
		stream: map[string]string{"job": "fluent-bit", "k8s_app": "traefik"},
		line:   `{"stream":"stdout","RequestPath":"/api/vote?probe=` + mark + `","TraceId":"` + traceID + `","kubernetes":{"container_name":"traefik"}}`,
		want:   loglink.Link{Selector: `{k8s_app="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"Vector": {source: "vector.dev, sinks/loki with encoding.codec json and sources/kubernetes_logs: the line is message",
		stream: map[string]string{"forwarder": "vector", "pod_namespace": "kube-system"},
		line:   `{"file":"/var/log/pods/kube-system_traefik/traefik/0.log","kubernetes":{"container_name":"traefik"},"message":"` + quoted(v3) + `","source_type":"kubernetes_logs","stream":"stdout","timestamp":"2026-11-26T10:00:00Z"}`,
		want:   loglink.Link{Selector: `{forwarder="vector"}`, Place: loglink.Field, Name: "TraceId", Regex: nestedField}},
	"Traefik by OTLP": {source: "traefik/traefik v3 pkg/middlewares/accesslog: with otlp the formatted entry is the body, its fields are attributes, and the record has the span's context",
		stream: map[string]string{"service.name": "traefik"}, otlp: true, line: v3,
		metadata: map[string]string{"RequestPath": "/api/vote?probe=" + mark, "trace_id": traceID},
		want:     loglink.Link{Selector: `{service_name="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"Traefik by OTLP, format common": {source: "the same with accessLog.format: common, the default: the ID is in the record's context alone",
		stream: map[string]string{"service.name": "traefik"}, otlp: true, line: common,
		metadata: map[string]string{"RequestPath": "/api/vote?probe=" + mark, "trace_id": traceID},
		want:     loglink.Link{Selector: `{service_name="traefik"}`, Place: loglink.Metadata, Name: "trace_id"}},
	"Traefik's output beside OTLP": {source: "traefik 3.7.15, run with otlp and dualOutput: its field msg has the line as it was sent, before the fields of the line itself, which the sent one has, too",
		stream: map[string]string{"app": "traefik"}, line: strings.Replace(v3, `"TraceId"`, `"msg":"`+quoted(v3)+`\n","TraceId"`, 1),
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"OTel Collector": {source: "open-telemetry/opentelemetry-collector-contrib receiver/filelogreceiver with operator container; grafana/loki docs, send-data/otel",
		stream: map[string]string{"k8s.namespace.name": "kube-system", "k8s.pod.name": "traefik-5d45fc8cc9-x2x7w", "k8s.container.name": "traefik"}, otlp: true, line: v3,
		metadata: map[string]string{"log.iostream": "stdout", "logtag": "F"},
		want:     loglink.Link{Selector: `{k8s_container_name="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: traefikField}},
	"OTel Collector that parses": {source: "the same with json_parser and trace_parser, and the body reduced to the path",
		stream: map[string]string{"k8s.deployment.name": "traefik", "k8s.namespace.name": "kube-system"}, otlp: true, line: "GET /api/vote?probe=" + mark,
		metadata: map[string]string{"trace_id": traceID},
		want:     loglink.Link{Selector: `{k8s_deployment_name="traefik"}`, Place: loglink.Metadata, Name: "trace_id"}},
	"only by its ID": {source: "the same with an empty body, as bridges of log libraries write it",
		stream: map[string]string{"service.name": "traefik"}, otlp: true, line: "access",
		metadata: map[string]string{"trace_id": traceID},
		want:     loglink.Link{Selector: `{service_name="traefik"}`, Place: loglink.Metadata, Name: "trace_id"}},
	"Alloy with structured metadata": {source: "grafana/alloy docs, loki.process: stage.structured_metadata, with stage.output to a shorter line",
		stream: map[string]string{"app": "traefik"}, line: "GET /api/vote?probe=" + mark, metadata: map[string]string{"TraceId": traceID},
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Metadata, Name: "TraceId"}},
	"label": {source: "grafana/loki docs, promtail stage labels: a label of high cardinality, which people do all the same",
		stream: map[string]string{"app": "traefik", "traceID": traceID}, line: "GET /api/vote?probe=" + mark,
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Label, Name: "traceID"}},
	"logfmt": {source: "grafana/alloy docs, stage.template: a line made anew", stream: map[string]string{"container": "traefik"},
		line: "path=/api/vote?probe=" + mark + " trace_id=" + traceID + " status=200",
		want: loglink.Link{Selector: `{container="traefik"}`, Place: loglink.Field, Name: "trace_id", Regex: `trace_id=(\w+)`}},
	"W3C header": {source: "traefik/traefik: fields.headers.names.Traceparent: keep", stream: map[string]string{"app": "traefik"},
		line: `{"RequestPath":"/?probe=` + mark + `","request_Traceparent":"00-` + traceID + `-b7ad6b7169203331-01"}`,
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "request_Traceparent", Regex: `"request_Traceparent":"00-(\w+)`}},
	"a copy of another's": {source: "an application's field of the same name before Traefik's", stream: map[string]string{"app": "traefik"},
		line: `{"origin":{"TraceId":"11111111111111111111111111111111"},"TraceId":"` + traceID + `","request_X-B3-Traceid":"` + traceID + `","path":"/?probe=` + mark + `"}`,
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "request_X-B3-Traceid", Regex: `"request_X-B3-Traceid":"(\w+)"`}},
	"bare": {source: "a line of words alone", stream: map[string]string{"app": "traefik"}, line: mark + " " + traceID,
		want: loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Line, Regex: `\b([0-9a-fA-F]{32})\b`}},
}

// labels are the names that Loki gives to a stream, which are those of attributes
// made fit.
func (s shape) labels() map[string]string {
	made := map[string]string{}
	for name, value := range s.stream {
		made[strings.ReplaceAll(name, ".", "_")] = value
	}
	return made
}

// answered is the line as Loki answers with it: labels and metadata in one.
func (s shape) answered() loki.Line {
	all := s.labels()
	for name, value := range s.metadata {
		all[strings.ReplaceAll(name, ".", "_")] = value
	}
	all["detected_level"] = "info"
	return loki.Line{Text: s.line, Labels: all}
}

// The finding tells where the ID is, and the derived field that is made of it finds
// it again as Grafana does.
func TestPlaceOfTheIDByShipper(t *testing.T) {
	for name, c := range shapes {
		t.Run(name, func(t *testing.T) {
			got, found := loglink.Locate(c.answered(), c.labels(), own)
			require.True(t, found, c.source)
			got.Selector = loglink.Selector(c.labels())
			require.Equal(t, c.want, got, c.source)
			kind, expression := got.Derived()
			value, has, err := loglink.Evaluate(map[string]any{"matcherType": kind, "matcherRegex": expression}, c.answered(), "13.2.0")
			require.NoError(t, err)
			require.True(t, has)
			require.Equal(t, traceID, value)
			parsed, whole := loglink.Parse(got.Data())
			require.True(t, whole)
			require.Equal(t, got, parsed)
		})
	}
}

func TestLinesWithoutTheID(t *testing.T) {
	cases := map[string]struct {
		reason string
		line   loki.Line
	}{
		"another's":  {"another request", loki.Line{Text: strings.ReplaceAll(v3, traceID, strings.Repeat("1", 32))}},
		"none":       {"common format", loki.Line{Text: common, Labels: map[string]string{"app": "traefik"}}},
		"span alone": {"16 digits are not a trace ID", loki.Line{Text: `{"SpanId":"b7ad6b7169203331"}`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, found := loglink.Locate(c.line, nil, own)
			require.False(t, found, c.reason)
		})
	}
}

func TestCandidates(t *testing.T) {
	type set = map[string]string
	cases := map[string]struct {
		reason  string
		streams []set
		want    []string
		mine    int
	}{
		"nothing":      {"an empty Loki", nil, nil, 0},
		"Traefik's":    {"its own selector comes first, then those for other streams", []set{{"job": "x", "app": "web"}, {"app": "traefik", "pod": "traefik-1"}}, []string{`{app="traefik"}`, `{app=~".+"}`}, 1},
		"pods":         {"two pods are one program", []set{{"app": "traefik", "pod": "traefik-1"}, {"app": "traefik", "pod": "traefik-2"}}, []string{`{app="traefik"}`}, 1},
		"volatile":     {"the file name ends with the pod's name", []set{{"job": "pods", "filename": "/traefik-1.log"}}, []string{`{job="pods"}`}, 1},
		"many":         {"at most three for Traefik, and two for all others", []set{{"app": "traefik-a"}, {"app": "traefik-b"}, {"app": "traefik-c"}, {"app": "traefik-d"}, {"a": "1"}, {"b": "1"}, {"c": "1"}}, []string{`{app="traefik-a"}`, `{app="traefik-b"}`, `{app="traefik-c"}`, `{a=~".+"}`, `{b=~".+"}`}, 3},
		"no program":   {"service_name is not informative", []set{{"service_name": "unknown_service", "k8s_namespace_name": "kube-system", "k8s_pod_name": "traefik-1"}}, []string{`{k8s_namespace_name="kube-system"}`}, 1},
		"k3s' others":  {"helper pods that install Traefik, and forward its ports to the nodes", []set{{"app": "helm-install-traefik"}, {"app": "svclb-traefik-1a2b", "container": "lb-tcp-80"}, {"app": "traefik"}}, []string{`{app="traefik"}`, `{app=~".+"}`}, 1},
		"the shortest": {"streams that only mention it come later", []set{{"app": "a-traefik-exporter"}, {"app": "b-traefik-errors"}, {"app": "c-traefik-x"}, {"app": "traefik"}}, []string{`{app="traefik"}`, `{app="c-traefik-x"}`, `{app="b-traefik-errors"}`}, 3},
		"quotes":       {"values are quoted as in LogQL", []set{{"app": `traefik"x\`}}, []string{`{app="traefik\"x\\"}`}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprint(c.streams)
			got, mine := loglink.Candidates(c.streams)
			require.Equal(t, c.want, got, c.reason)
			require.Equal(t, c.mine, mine)
			require.Equal(t, before, fmt.Sprint(c.streams))
		})
	}
}

func TestLinks(t *testing.T) {
	cases := map[string]struct {
		reason, query, span, fault string
		link                       loglink.Link
	}{
		"field":       {"the line holds the ID", `{app="traefik"} |= "7"`, `{app="traefik"} |= "${__trace.traceId}"`, "", loglink.Link{Selector: `{app="traefik"}`, Place: loglink.Field, Name: "TraceId", Regex: "x"}},
		"metadata":    {"a label holds the ID", `{a="b"} | trace_id="7"`, `{a="b"} | trace_id="${__trace.traceId}"`, "", loglink.Link{Selector: `{a="b"}`, Place: loglink.Metadata, Name: "trace_id"}},
		"nowhere":     {"an unknown place", "", "", "place must be line, field, label or metadata", loglink.Link{Selector: `{a="b"}`, Place: "x"}},
		"no regex":    {"nothing would match", "", "", "regex is required for place field", loglink.Link{Selector: `{a="b"}`, Place: loglink.Field, Name: "x"}},
		"no name":     {"a label needs a name", "", "", "name is required for place label", loglink.Link{Selector: `{a="b"}`, Place: loglink.Label}},
		"no selector": {"not valid LogQL", "", "", "selector must be one of LogQL, such as {app=\"traefik\"}", loglink.Link{Selector: "app", Place: loglink.Label, Name: "x"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.fault != "" {
				require.EqualError(t, c.link.Fault(), c.fault, c.reason)
				return
			}
			require.NoError(t, c.link.Fault())
			require.Equal(t, c.query, c.link.Query("7"), c.reason)
			require.Equal(t, c.span, c.link.SpanQuery(), c.reason)
			kept, has := loglink.Kept(map[string]any{loglink.Key: c.link.Data()})
			require.True(t, has)
			require.Equal(t, c.link, kept)
		})
	}
}
