// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/accesslog"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/spanmetrics"
)

// Symptom is what was seen where a trace was lost.
type Symptom string

// The symptoms.
const (
	Unanswered   Symptom = "no answer"
	Refused      Symptom = "refused"
	NotStored    Symptom = "accepted and never found"
	LookupFails  Symptom = "the lookup fails"
	NotFound     Symptom = "not found"
	NoRoute      Symptom = "no route"
	NoBackend    Symptom = "no back end"
	OtherID      Symptom = "under another id"
	NoSpan       Symptom = "without its span"
	NoChildren   Symptom = "nothing beneath"
	NoLine       Symptom = Symptom(accesslog.NoLine)
	NoTenant     Symptom = "no tenant"
	NoField      Symptom = "no derived field"
	NoMatch      Symptom = "does not match"
	WrongValue   Symptom = "finds something else"
	WrongUID     Symptom = "leads elsewhere"
	WrongURL     Symptom = "without a value"
	NoSource     Symptom = "no such data source"
	DeadURL      Symptom = "its URL is dead"
	LoginRefused Symptom = "login refused"
	Untrusted    Symptom = "no TLS"
	NoGenerator  Symptom = "no generator"

	TooOld     Symptom = "Grafana is too old"
	NoLabel    Symptom = "no such label"
	Shadowed   Symptom = "another of its name"
	NotShown   Symptom = "no link is shown"
	OtherLines Symptom = "finds other lines"

	NotTaken    Symptom = Symptom(spanmetrics.NotTaken)
	NothingSent Symptom = Symptom(spanmetrics.NothingSent)
	NoProcessor Symptom = Symptom(spanmetrics.NoProcessor)
	NotThese    Symptom = Symptom(spanmetrics.NotThese)
	NotKept     Symptom = Symptom(spanmetrics.NotKept)
	NotSent     Symptom = Symptom(spanmetrics.NotSent)
)

// Cause is the likely reason for a symptom, and where to look.
type Cause struct {
	Hop     Hop
	Symptom Symptom
	// Text is the reason in one sentence, without a full stop.
	Text string
	// Look is what to look at, most telling first; nothing where the text says it.
	Look []string
	// Source says how this is known.
	Source string
}

// Hint is the cause with the first thing to look at.
func (c Cause) Hint() string {
	if len(c.Look) == 0 {
		return c.Text
	}
	return c.Text + "; look at: " + strings.Join(c.Look, "; ")
}

// anyReceiver stands for a receiver of each kind in the table.
const anyReceiver Hop = "receiver"

// measuredHop stands for a link to or from metrics in the table, which may have a row of its
// own.
const measuredHop Hop = "link to or from metrics"

// Sources of several rows.
const (
	createLink    = "grafana/grafana public/app/features/explore/TraceView/createSpanLink.tsx"
	exemplarLinks = "grafana/grafana packages/grafana-prometheus/src/result_transformer.ts"
	generator     = "grafana/tempo modules/generator"
)

// twoSendings is why a query with rate() finds nothing at first.
const twoSendings = "wait_timeout of this task: rate() needs two samples, and Tempo sends one every 15 seconds"

// causes is the table. A symptom of no row has the one that any hop has.
var causes = []Cause{
	{Query, Unanswered, "the query frontend cannot be reached", []string{"kubectl -n tracing get pods", "the port: 3200 from chart 1.41.0 on, 3100 before"}, "grafana/helm-charts tempo-distributed 1.41.0: server.httpListenPort"},
	{Query, Refused, "something answers that is not ready, or is not Tempo", []string{"GET /ready of the query frontend", "whether a querier is attached to it"}, "grafana/tempo cmd/tempo/app/app.go, readyHandler"},
	{anyReceiver, Unanswered, "nothing listens on the receiver's port", []string{"traces.*.enabled (or tempo.receivers) in the chart's values", "the ports of the distributor's Service", "the distributor's log: a receiver without an endpoint binds localhost from Tempo 2.7 on"}, "grafana/tempo CHANGELOG.md 2.7.0; charts/tempo/values.yaml: the Service shows 9411 though zipkin is off"},
	{anyReceiver, Refused, "the port answers, but is not this receiver, or the distributor refuses the span", []string{"whether the port belongs to this protocol", "rate limits and the tenant in the distributor's log"}, "grafana/tempo modules/distributor/distributor.go: PushTraces"},
	{anyReceiver, NotStored, "the distributor took the trace and no query finds it", []string{"the ingesters: pods ready, and in the ring (/ingester/ring)", "the S3 store: bucket, key and policy of Tempo's user", "whether sender and reader use one tenant", "with Tempo 3: the Kafka broker"}, "grafana/tempo modules/querier/querier.go: FindTraceByID asks ingesters and blocks"},
	{anyReceiver, LookupFails, "Tempo cannot look for traces at all", []string{"the querier's log: AccessDenied means that the store's policy lacks s3:GetObject or s3:ListBucket", "key, endpoint and region of the store"}, "grafana/tempo issues 1648, 566; grafana/helm-charts issue 2686"},
	{Search, NotFound, "the trace is found by its ID, but not by a search", []string{"query_end_cutoff: Tempo 3 leaves the last 30 s out", "search_tags_deny_list", "wait_timeout of this task"}, "grafana/tempo modules/frontend/config.go@v3.0.3"},
	{Search, LookupFails, "the search itself fails", []string{"the querier's log"}, "grafana/tempo modules/frontend/searchsharding.go"},
	{Metrics, NoGenerator, "no metrics generator answers TraceQL metrics, which Tempo before 3 needs for rate() and Traces Drilldown", []string{"tempo_traceql_metrics of the role tempo", "the metrics generator: pods ready, and local-blocks among its processors"}, "grafana/tempo issues 4299, 4200"},
	{Metrics, LookupFails, "Tempo fails to answer {} | rate(), which Traces Drilldown asks for", []string{"the logs of querier and metrics generator"}, "grafana/tempo modules/frontend/metrics_query_range_sharder.go"},
	{Ingress, Unanswered, "Traefik cannot be reached there", []string{"the address of Traefik's Service", "ingress_url", "the entry points web and websecure"}, "k3s: ServiceLB gives the nodes' addresses"},
	{Ingress, NoRoute, "Traefik has no route for this host and path", []string{"the Ingress: host, path and ingressClassName", "ingress_host and ingress_path"}, "traefik/traefik pkg/server/router: 404 page not found"},
	{Ingress, NoBackend, "Traefik has a route, and no pod behind it answers", []string{"the pods behind the Ingress's Service"}, "traefik/traefik pkg/proxy: 502, 503, 504"},
	{Traefik, NotFound, "Traefik sent no span of this request to Tempo", []string{"Traefik's arguments: --tracing.otlp or --tracing.zipkin and its endpoint", "tracing.sampleRate", "Traefik's log: a failed export is reported there", "on chart 28 and newer tracing.zipkin is silently dropped"}, "traefik/traefik-helm-chart Changelog.md v28.0.0"},
	{Traefik, OtherID, "Traefik began a trace of its own: it does not read B3 headers", []string{"OTEL_PROPAGATORS of Traefik's pods: tracecontext,baggage,b3multi", "traefik_propagators of the role traefik"}, "traefik/traefik pkg/observability/tracing/tracing.go@v3.7.9: autoprop, default tracecontext,baggage"},
	{Traefik, NoSpan, "the trace has no span of Traefik under its usual name", []string{"tracing.serviceName of Traefik and traefik_service_name of this task", "Traefik's arguments: --tracing.otlp and its endpoint"}, "traefik/traefik docs, tracing: serviceName"},
	{Traefik, LookupFails, "Tempo cannot look for traces", []string{"the querier's log"}, "grafana/tempo modules/querier/querier.go"},
	{Application, NoChildren, "nothing beneath Traefik's span: the application gets no trace headers, or sends no spans", []string{"b3multi among Traefik's propagators: the single header b3 is not understood by Linkerd", "the application's exporter: emojivoto v11 speaks OpenCensus only, which Tempo 2.9.3, 2.10.6 and 3 do not take", "whether Tempo's pods are meshed: Linkerd sends only into the mesh"}, "linkerd/linkerd2-proxy linkerd/trace-context/src/propagation.rs; grafana/tempo CHANGELOG.md 2.10.6"},
	{AccessLog, Unanswered, "Loki cannot be asked", []string{"loki_url, or the URL of Grafana's data source"}, "grafana/loki HTTP API"},
	{AccessLog, Refused, "Loki refuses the query", []string{"loki_query", "loki_tenant"}, "grafana/loki pkg/loghttp"},
	{AccessLog, NoTenant, "this Loki has tenants, or a login, and the request names none", []string{"loki_tenant, or http_headers X-Scope-OrgID of Grafana's data source (grafana_loki_http_headers)"}, "grafana/loki pkg/util/server: no org id"},
	{AccessLog, Symptom(accesslog.LokiEmpty), "Loki has no line of any program in these minutes: another tenant is asked, or no shipper sends to this Loki", []string{"loki_tenant, or http_headers X-Scope-OrgID of Grafana's data source: a wrong tenant is an empty one", "the shipper: pods ready, and its log"}, "grafana/loki docs, multi-tenancy"},
	{AccessLog, Symptom(accesslog.NoShipper), "Loki has lines of others, and none of Traefik's pod: no shipper reads it", []string{"the shipper's namespaces and pod selectors: Traefik mostly runs in kube-system", "whether the shipper runs on Traefik's node"}, "grafana/k8s-monitoring-helm podLogs: excludeNamespaces"},
	{AccessLog, Symptom(accesslog.OnlyOTLP), "Traefik sends its access log by OTLP, and without dualOutput writes none to its output, where the shipper reads", []string{"traefik_access_log of the role traefik: both, which Traefik has from 3.7 on (accessLog.dualOutput), or stdout", "accesslog.otlp.*.endpoint: Loki 3 takes OTLP at /otlp/v1/logs"}, "doc.traefik.io/traefik/v3.8: logs-and-accesslogs"},
	{AccessLog, Symptom(accesslog.ToFile), "Traefik writes its access log to a file, and no shipper of the pods' output reads that", []string{"accesslog.filepath among Traefik's arguments (logs.access.filePath of its chart): without it the log goes to the output", "a sidecar that prints the file"}, "doc.traefik.io/traefik/v3.8: logs-and-accesslogs, filePath"},
	{AccessLog, Symptom(accesslog.LogIsOff), "Traefik writes no access log", []string{"--accesslog=true among Traefik's arguments", "traefik_access_log of the role traefik, which is false"}, "doc.traefik.io: access logs are off by default"},
	{AccessLog, Symptom(accesslog.Filtered), "Traefik's access log leaves some requests out", []string{"accesslog.filters among Traefik's arguments: status codes, retries, least duration"}, "traefik/traefik pkg/middlewares/accesslog/logger.go: keepAccessLog"},
	{AccessLog, Symptom(accesslog.NoIDYet), "this version of Traefik writes no trace ID into its access log", []string{"the version of Traefik: 3.0, 3.1 and 3.3.0 to 3.3.2 write none"}, "traefik/traefik issues 8599, 11449"},
	{AccessLog, Symptom(accesslog.IDDropped), "Traefik's access log drops the field with the trace ID", []string{"accesslog.fields.names.TraceId: keep (trace_id from 3.6.11 on)", "accesslog.fields.defaultmode"}, "doc.traefik.io: accessLog.fields"},
	{AccessLog, Symptom(accesslog.NoIDInCommon), "the access log is in the format common, which has no trace ID", []string{"accesslog.format: json"}, "traefik/traefik pkg/middlewares/accesslog/logger_formatters.go"},
	{AccessLog, Symptom(accesslog.NotSampled), "the line has no trace ID and Tempo no span of Traefik: the request was not sampled, or Traefik does not trace", []string{"tracing.sampleRate", "Traefik's arguments: --tracing.otlp or --tracing.zipkin and its endpoint"}, "grafana/grafana issue 106004"},
	{AccessLog, NoLine, "Loki has no line of this request", []string{"whether Traefik writes an access log", "how far behind the shipper is: wait_timeout", "loki_query"}, "pi-cluster's procedure, Testing with Emojivoto"},
	{AccessLog, Symptom(accesslog.NoID), "the log line has no trace ID", []string{"the version of Traefik: 3.0, 3.1 and 3.3.0 to 3.3.2 write none", "fields.names.TraceId: keep, where the default is drop"}, "traefik/traefik issues 8599, 11449"},
	{AccessLog, NoSource, "Grafana has no data source with the logs under this uid", []string{"loki_uid", "the role grafana"}, "grafana/grafana pkg/api/datasources.go"},
	{AccessLog, LoginRefused, "Grafana refuses the login, and Loki is asked through it", []string{"grafana_user and grafana_password, or grafana_api_key", "loki_url, which goes past Grafana"}, "grafana/grafana pkg/services/authn"},
	{DerivedField, NoField, "the data source with the logs has no derived field that leads to the traces", []string{"jsonData.derivedFields of the data source", "the role grafana"}, "grafana/grafana public/app/plugins/datasource/loki/types.ts"},
	{DerivedField, NoMatch, "the derived field's expression does not match the log line: the trace ID is there under another name", []string{"the role grafana, which takes the name from the line", "the field's name in the line: request_X-B3-Traceid, TraceId or trace_id by Traefik's version", "quotes that are escaped in a nested line"}, "traefik/traefik pkg/middlewares/accesslog/logger.go"},
	{DerivedField, WrongValue, "the derived field finds something else than the trace ID", []string{"the first group of its expression"}, "grafana/grafana public/app/plugins/datasource/loki"},
	{DerivedField, WrongUID, "the derived field leads to another data source", []string{"datasourceUid: it is the uid, not the name"}, "grafana/grafana issue 39562"},
	{DerivedField, WrongURL, "the derived field passes no value on", []string{"url: ${__value.raw} by the API, $${__value.raw} in a provisioning file"}, "grafana/grafana issues 39562, 63651, 86604"},
	{DerivedField, TooOld, "this Grafana does not know derived fields by label", []string{"matcherType: label needs Grafana 10.3", "a trace ID in the text of the line, which any Grafana finds"}, "grafana/grafana pull request 76162"},
	{DerivedField, NoLabel, "the derived field looks for a label that the line does not have", []string{"the name of the label or structured metadata, which Loki writes with _ for other letters", "the role grafana, which takes the name from the line"}, "grafana/grafana public/app/plugins/datasource/loki/getDerivedFields.ts"},
	{DerivedField, Shadowed, "another derived field of the same name comes first, and Grafana uses its expression for both", []string{"grafana_derived_field: another name", "jsonData.derivedFields of the data source"}, "grafana/grafana public/app/plugins/datasource/loki/getDerivedFields.ts: groupBy name"},
	{DerivedField, NoSource, "Grafana has no data source with the logs under this uid", []string{"loki_uid"}, "grafana/grafana pkg/api/datasources.go"},
	{Grafana, NoSource, "Grafana has no data source with the traces under this uid", []string{"tempo_uid", "the role grafana"}, "grafana/grafana pkg/api/datasources.go"},
	{Grafana, DeadURL, "Grafana cannot reach Tempo at the data source's URL", []string{"the port: 3200 from chart 1.41.0 on, 3100 before", "network policies between the namespaces"}, "alphagov/govuk-helm-charts PR 3263; grafana/k8s-monitoring-helm PR 1706"},
	{Grafana, NotFound, "the data source leads to a Tempo that does not have the trace", []string{"the data source's URL and tenant"}, "grafana/grafana pkg/api/pluginproxy/ds_proxy.go"},
	{Grafana, NoTenant, "this Tempo has tenants, and the data source names none", []string{"http_headers X-Scope-OrgID of the data source (grafana_tempo_http_headers)"}, "grafana/tempo docs: multitenancy_enabled; grafana/dskit user/http.go"},
	{Grafana, LoginRefused, "Grafana refuses the login", []string{"grafana_user and grafana_password, or grafana_api_key"}, "grafana/grafana pkg/services/authn"},
	{SpanLogs, NotShown, "Grafana shows no link to logs at Traefik's span", []string{"jsonData.tracesToLogsV2: each variable of the query needs a value, and each tag must be one of the span's"}, "grafana/grafana public/app/features/explore/TraceView/createSpanLink.tsx"},
	{SpanLogs, NoSource, "the link from a span leads to a data source that Grafana does not have", []string{"jsonData.tracesToLogsV2.datasourceUid: it is the uid, not the name"}, "grafana/grafana pkg/api/datasources.go"},
	{SpanLogs, Refused, "Loki refuses the query of the link from a span", []string{"jsonData.tracesToLogsV2.query", "grafana_tempo_log_query"}, "grafana/loki pkg/logql/syntax"},
	{SpanLogs, NoLine, "the query of the link from a span finds no line, where Loki has one of this trace", []string{"the selector of jsonData.tracesToLogsV2.query: the role grafana takes it from the line", "spanStartTimeShift and spanEndTimeShift: a line is written after its span has ended"}, "grafana/grafana public/app/features/explore/TraceView/createSpanLink.tsx"},
	{SpanLogs, OtherLines, "the query of the link from a span finds lines of other requests alone", []string{"jsonData.tracesToLogsV2.query: it must name ${__trace.traceId}"}, "grafana/grafana public/app/features/explore/TraceView/createSpanLink.tsx"},
	{SpanLogs, Unanswered, "Loki cannot be asked through the data source of the link from a span", []string{"the URL of that data source"}, "grafana/grafana pkg/api/pluginproxy/ds_proxy.go"},
	{SpanMetrics, NotShown, "Tempo's data source has no link from a span to its metrics", []string{"grafana_service_graph of the role grafana, and grafana_prometheus_name", "jsonData.tracesToMetrics: datasourceUid and queries"}, createLink},
	{SpanMetrics, Refused, "Prometheus refuses the query of the link from a span", []string{"jsonData.tracesToMetrics.queries: $__tags stays as it is where the link names no tags"}, createLink},
	{SpanMetrics, NotThese, "the query of the link from a span to its metrics finds no series of its service", []string{"jsonData.tracesToMetrics: its tags, and the names that they have as labels", "spanStartTimeShift and spanEndTimeShift: metrics come later than their span", twoSendings}, createLink},
	{ServiceGraph, NotShown, "Tempo's data source draws no service graph", []string{"grafana_service_graph of the role grafana, and grafana_prometheus_name", "jsonData.serviceMap.datasourceUid"}, "grafana/grafana public/app/plugins/datasource/tempo/datasource.ts"},
	{ServiceGraph, NotThese, "Prometheus has a service graph without the edge of this run's traces", []string{"the metrics generator's log: expired_edges and dropped_spans", "dimensions and sampling of the processor service-graphs", twoSendings}, "grafana/tempo modules/generator/processor/servicegraphs"},
	{Exemplars, NotShown, "the Prometheus data source has no link from exemplars to traces", []string{"grafana_service_graph of the role grafana", "jsonData.exemplarTraceIdDestinations of the data source"}, exemplarLinks},
	{Exemplars, NoMatch, "the link from exemplars is for a label under which Tempo's have no trace ID", []string{"jsonData.exemplarTraceIdDestinations: name is traceID, unless Tempo's trace_id_label_name is another"}, exemplarLinks},
	{Exemplars, WrongUID, "the link from exemplars leads to another data source", []string{"jsonData.exemplarTraceIdDestinations: datasourceUid is the uid, not the name"}, exemplarLinks},
	{Exemplars, NotKept, "this Prometheus keeps no exemplars", []string{"--enable-feature=exemplar-storage", "enableFeatures: [exemplar-storage] in the spec of the Prometheus object"}, "prometheus/prometheus docs/feature_flags.md"},
	{Exemplars, NotSent, "Tempo's metrics arrive without exemplars", []string{"send_exemplars: true of metrics_generator.storage.remote_write, which older versions of Tempo need; 2.10 and 3 always send them", "what is between them: Mimir keeps none unless max_global_exemplars_per_user is set"}, "grafana/tempo modules/generator/storage/config_util.go; grafana/mimir docs, max_global_exemplars_per_user"},
	{Exemplars, NotThese, "Prometheus has exemplars of other traces alone", []string{"storage.exemplars.max_exemplars of Prometheus", "wait_timeout of this task"}, "prometheus/prometheus tsdb/exemplar.go"},
	{measuredHop, NoGenerator, "no metrics generator of Tempo's runs, so that there are no metrics", []string{"tempo_service_graph of the role tempo", "the metrics generator: pods ready"}, generator},
	{measuredHop, NothingSent, "no metric of Tempo's has arrived in this Prometheus", []string{"metrics_generator of Tempo, which tempo_service_graph sets: its remote_write_url must be that of this Prometheus", "the metrics generator's log: a remote write that fails is told there"}, generator},
	{measuredHop, NoProcessor, "Tempo's metrics arrive, and none of this processor", []string{"processors in Tempo's overrides: span-metrics and service-graphs"}, generator},
	{measuredHop, NotTaken, "this Prometheus takes no metrics by remote write", []string{"--web.enable-remote-write-receiver", "enableRemoteWriteReceiver: true in the spec of the Prometheus object"}, "prometheus/prometheus cmd/prometheus/main.go"},
	{measuredHop, NoSource, "the link leads to a data source with metrics that Grafana does not have", []string{"datasourceUid: it is the uid, not the name", "grafana_prometheus_uid of the role grafana"}, "grafana/grafana pkg/api/datasources.go"},
	{measuredHop, Refused, "what answers at the data source with metrics does not answer as Prometheus does", []string{"type and URL of the data source"}, "prometheus/prometheus docs/querying/api.md"},
	{measuredHop, Unanswered, "Prometheus cannot be asked through its data source", []string{"the URL of that data source"}, "grafana/grafana pkg/api/pluginproxy/ds_proxy.go"},
	{Grafana, Unanswered, "Grafana cannot be reached", []string{"grafana_url, with its sub-path"}, "grafana/grafana docs, HTTP API"},
}

// causeOf looks up the row for a failed hop.
func causeOf(hop Hop, err error) Cause {
	symptom := symptomOf(err)
	if hint := fault.HintOf(err); symptom == Untrusted && hint != "" {
		return Cause{Hop: hop, Symptom: symptom, Text: hint} // it knows the option of this connection
	}
	for _, cause := range causes {
		if cause.Symptom == symptom && cause.Hop.stands(hop) {
			cause.Hop = hop
			return cause
		}
	}
	text := "this hop failed in a way that has no cause of its own yet"
	if hint := fault.HintOf(err); hint != "" {
		text = hint
	}
	return Cause{Hop: hop, Symptom: symptom, Text: text, Look: []string{"the pods of this hop and their logs"}}
}

// stands reports whether a row is for a hop.
func (h Hop) stands(hop Hop) bool {
	measured := hop == SpanMetrics || hop == ServiceGraph || hop == Exemplars
	return h == hop || h == anyReceiver && isReceiver(hop) || h == measuredHop && measured
}

// symptomOf is the symptom that an error carries, else what its kind says.
func symptomOf(err error) Symptom {
	var known *loss
	switch {
	case fault.KindOf(err) == fault.TLS:
		return Untrusted
	case errors.As(err, &known):
		return known.symptom
	case errors.Is(err, errNoSource):
		return NoSource
	case fault.KindOf(err) == fault.Denied:
		return LoginRefused
	case fault.KindOf(err) == fault.Unreachable, fault.KindOf(err) == fault.Timeout, fault.KindOf(err) == fault.NotFound:
		return Unanswered
	}
	return Refused
}

// loss is why a hop failed, with the symptom by which the cause is looked up.
type loss struct {
	symptom Symptom
	err     error
}

func (l *loss) Error() string { return l.err.Error() }

func (l *loss) Unwrap() error { return l.err }

func failure(symptom Symptom, format string, args ...any) error {
	return &loss{symptom, fmt.Errorf(format, args...)}
}

// withSymptom gives an error a symptom, unless it has one.
func withSymptom(symptom Symptom, err error) error {
	var known *loss
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &loss{symptom, err}
}
