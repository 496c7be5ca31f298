// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// The charts of Grafana Tempo, and the program itself.
const (
	TempoDistributed = "tempo-distributed"
	TempoMonolithic  = "tempo"
	Tempo            = "grafana/tempo"
)

// Features of Tempo and its charts.
const (
	// Known: this collection knows how to write values for the chart.
	Known Feature = "known"
	// SearchSwitch: search is off unless search.enabled is set.
	SearchSwitch Feature = "search switch"
	// MinioSubchart: the chart can bring a MinIO of its own.
	MinioSubchart Feature = "minio subchart"
	// GlobalOverrides: limits are under global_overrides, with flat keys.
	GlobalOverrides Feature = "global_overrides"
	// KafkaRequired: nothing is stored without a broker.
	KafkaRequired Feature = "kafka required"
	// KafkaOptional: the Kafka write path can be switched on.
	KafkaOptional Feature = "kafka optional"
	// Ingester: spans are gathered by ingesters, with a replication factor.
	Ingester Feature = "ingester"
	// BackendScheduler: a scheduler and its workers can compact the blocks.
	BackendScheduler Feature = "backend scheduler"
	// WorkerBudget: more than one backend worker needs podDisruptionBudget in the
	// values, which the chart's own lack.
	WorkerBudget Feature = "backend worker without a budget"
	// Retention: the chart's one key for it says how long blocks are kept.
	Retention Feature = "retention"
	// FixedProcessors: the configuration names service-graphs and span-metrics
	// itself, whatever the limits in the values say.
	FixedProcessors Feature = "fixed processors"
	// OpenCensus: the program has the receiver.
	OpenCensus Feature = "opencensus receiver"
	// HeadlessMemcached: the memcached Service has no cluster IP.
	HeadlessMemcached Feature = "headless memcached"
	// GeneratorVolume: the metrics generator can have a persistent volume.
	GeneratorVolume Feature = "metrics generator volume"
	// BrokenOpenCensus: the default values name a receiver that the chart's own
	// image does not have, and no values can take it away.
	BrokenOpenCensus Feature = "broken opencensus default"
	// NoIngesters: without zones the chart renders no ingesters.
	NoIngesters Feature = "no ingesters"
	// NullOpenCensus: the default receivers name opencensus.
	NullOpenCensus Feature = "opencensus in default receivers"
	// TLSKeys: s3 takes tls_ca_path and tls_insecure_skip_verify; before, it took
	// insecure_skip_verify and no CA.
	TLSKeys Feature = "tls_ keys of s3"
	// Prefix: s3 takes a prefix for object names.
	Prefix Feature = "prefix of s3"
	// LiveStore: all of Tempo 3 in one pod, with a live store instead of the
	// ingester, and a scheduler and a worker in that of the compactor.
	LiveStore Feature = "live store"
	// WorkerIgnoresRetention: the chart's one key for the retention does not reach the worker,
	// which alone enforces it.
	WorkerIgnoresRetention Feature = "worker without retention"
	// Ballast: the pods are told to keep a ballast of 1024 MB, which counts as used
	// memory for the garbage collector.
	Ballast Feature = "memory ballast"
	// GoSettings: the chart derives GOMEMLIMIT and GOGC from the memory limits.
	GoSettings Feature = "memory limit of Go"
	// KubernetesBound: the chart refuses Kubernetes below 1.25.
	KubernetesBound Feature = "kubernetes 1.25"
	// AutoMemLimit: the program can take its memory limit from its cgroup.
	AutoMemLimit Feature = "automemlimit"
	// ScopedOverrides: limits without a scope are refused.
	ScopedOverrides Feature = "scoped overrides"
	// Flush: POST /flush and /shutdown of an ingester bring all that it holds into
	// the object storage.
	Flush Feature = "flush"
	// LocalBlocks: TraceQL metrics are answered by a metrics generator with the
	// processor local-blocks, and by nothing without one.
	LocalBlocks Feature = "local blocks"
	// LocalBlocksPlace: the chart gives local-blocks a place for its blocks, and
	// hands the processor on.
	LocalBlocksPlace Feature = "local blocks, place"
	// LocalBlocksSettings: the chart hands settings of local-blocks on.
	LocalBlocksSettings Feature = "local blocks, settings"
	// VerifyFlag: -config.verify reads the configuration and ends.
	VerifyFlag Feature = "config.verify"
	// TraceMetrics: the query frontend answers TraceQL metrics.
	TraceMetrics Feature = "traceql metrics"
)

// TempoFacts is what is known of Tempo and its charts. The charts' versions are
// tags of grafana-community/helm-charts, which has those of grafana/helm-charts
// too.
var TempoFacts = Facts{
	{TempoDistributed, Known, Span{From: "0.27.0"}, "charts/tempo-distributed/values.yaml: extraEnvFrom for each component, configuration as a template"},
	{TempoMonolithic, Known, Span{From: "0.16.5"}, "charts/tempo/values.yaml: tempo.extraEnvFrom appears in 0.16.5"},
	{TempoDistributed, Retention, Span{From: "0.27.0"}, "charts/tempo-distributed/values.yaml: compactor.config.compaction.block_retention, backendScheduler.config from 2.17.0"},
	{TempoMonolithic, Retention, Span{From: "0.16.6"}, "charts/tempo/values.yaml: tempo.retention becomes compacted_block_retention up to 0.16.5, block_retention from 0.16.6"},
	{TempoDistributed, SearchSwitch, Span{Before: "1.0.0"}, "charts/tempo-distributed/values.yaml: search.enabled false, gone in 1.0.0 with Tempo 2.0"},
	{TempoMonolithic, SearchSwitch, Span{Before: "1.0.0"}, "charts/tempo/values.yaml@0.16.6: tempo.searchEnabled false; Tempo 2.0 knows no search_enabled"},
	{TempoDistributed, MinioSubchart, Span{From: "0.27.0", Before: "3.0.0"}, "charts/tempo-distributed/Chart.yaml@0.27.0; templates/validate.yaml@3.0.0 refuses minio.enabled true"},
	{TempoDistributed, GlobalOverrides, Span{Before: "1.33.0"}, "charts/tempo-distributed/README.md@1.33.0, upgrading: global_overrides became overrides"},
	{TempoMonolithic, GlobalOverrides, Span{Before: "1.19.0"}, "charts/tempo/values.yaml: tempo.global_overrides up to 1.18, tempo.per_tenant_overrides from 1.19.0"},
	{TempoDistributed, FixedProcessors, Span{From: "0.27.19", Before: "1.8.5"}, "charts/tempo-distributed/values.yaml@0.27.19..1.8.4: metrics_generator_processors stands in config below global_overrides; tempo.structuredConfig is laid over both"},
	{TempoMonolithic, FixedProcessors, Span{Before: "1.19.0"}, "charts/tempo/values.yaml@0.16.6..1.18.3: metrics_generator_processors stands in config, and nothing is laid over it"},
	{TempoDistributed, KafkaRequired, Span{From: "3.0.0"}, "grafana/tempo cmd/tempo/app/modules.go@v3.0.3: PushSpansToKafka is on unless Tempo is a single binary; charts/tempo-distributed/templates/validate.yaml@3.0.0"},
	{TempoDistributed, KafkaOptional, Span{From: "2.24.0", Before: "3.0.0"}, "charts/tempo-distributed/values.yaml@2.24.0: ingest.kafka, blockBuilder, liveStore"},
	{TempoDistributed, Ingester, Span{Before: "3.0.0"}, "charts/tempo-distributed/values.yaml@3.0.0: ingester and compactor are gone"},
	{TempoDistributed, BackendScheduler, Span{From: "2.17.0"}, "charts/tempo-distributed/values.yaml@2.17.0: backendScheduler, backendWorker"},
	{TempoDistributed, WorkerBudget, Span{From: "2.17.0"}, "charts/tempo-distributed/templates/backend-worker/poddisruptionbudget-backend-worker.yaml@2.17.0..3.3.0: backendWorker.podDisruptionBudget.enabled, of which values.yaml knows nothing"},
	{TempoDistributed, HeadlessMemcached, Span{From: "2.17.10"}, "charts/tempo-distributed/README.md@2.17.10: memcached Services became headless"},
	{TempoDistributed, GeneratorVolume, Span{From: "1.8.4"}, "charts/tempo-distributed/values.yaml@1.8.4: metricsGenerator.kind, metricsGenerator.persistence; from 3.0.0 on the only volumes of the chart"},
	{TempoMonolithic, BrokenOpenCensus, Span{From: "2.2.1", Before: "2.2.2"}, "d162b23d: tempo 2.2.1 ships Tempo 2.10.6 and still lists opencensus"},
	{TempoDistributed, NoIngesters, Span{From: "1.13.0", Before: "1.13.2"}, "charts/tempo-distributed/templates/ingester/_helpers-ingester.tpl@1.13.0, 1.13.1: without zoneAwareReplication the list of zones is empty; 1.13.2 repairs it"},
	{TempoMonolithic, NullOpenCensus, Span{Before: "2.2.2"}, "charts/tempo/values.yaml@0.16.6: tempo.receivers.opencensus is null, which Helm cannot remove"},
	{Tempo, OpenCensus, Span{Before: "2.9.3"}, "grafana/tempo modules/distributor/receiver/shim.go@v1.5.0..v2.9.2: opencensusreceiver"},
	{Tempo, OpenCensus, Span{From: "2.10.0", Before: "2.10.6"}, "grafana/tempo CHANGELOG.md 2.10.6: support for the OpenCensus receiver dropped (7322)"},
	{Tempo, TLSKeys, Span{From: "2.2.0"}, "grafana/tempo tempodb/backend/s3/config.go: insecure_skip_verify up to v2.1.0, dskit's tls_ keys, among them tls_ca_path, from v2.2.0 (pull request 2407)"},
	{Tempo, Prefix, Span{From: "2.2.0"}, "grafana/tempo tempodb/backend/s3/config.go: prefix from v2.2.0"},
	{TempoMonolithic, LiveStore, Span{From: "3.0.0"}, "grafana-community/helm-charts pull request 764: tempo 3.0.0 is Tempo 3.0.3 in one process, without Kafka"},
	{TempoMonolithic, WorkerIgnoresRetention, Span{From: "3.0.0", Before: "3.1.1"}, "charts/tempo/README.md, upgrading from 3.0.0 through 3.1.0: tempo.retention reached the scheduler only, and the worker kept blocks for 336h"},
	{TempoDistributed, Ballast, Span{Before: "1.56.0"}, "charts/tempo-distributed/templates@0.27.9..1.55: -mem-ballast-size-mbs=1024 in the arguments of every component"},
	{TempoMonolithic, Ballast, Span{Before: "3.0.0"}, "charts/tempo/values.yaml@0.16.6..2.2.4: tempo.memBallastSizeMbs 1024"},
	{TempoDistributed, GoSettings, Span{From: "2.12.0"}, "charts/tempo-distributed/templates/_helpers.tpl@2.12.0: tempo.componentEnv, 0.85 of the limit and GOGC 80 (pull request 327)"},
	{TempoDistributed, KubernetesBound, Span{From: "2.0.0"}, "charts/tempo-distributed/Chart.yaml@2.0.0: kubeVersion ^1.25.0-0"},
	{TempoMonolithic, KubernetesBound, Span{From: "3.0.0"}, "charts/tempo/README.md: Kubernetes ^1.25.0-0; it asks for that from 2.0.0 on, Chart.yaml@2.0.0..2.2.4 does not"},
	{Tempo, AutoMemLimit, Span{From: "3.0.0"}, "grafana/tempo cmd/tempo/app/config.go@v3.0.3: memory.automemlimit_enabled, off by default (pull request 6313)"},
	{Tempo, ScopedOverrides, Span{From: "3.0.0"}, "grafana/tempo docs/sources/tempo/set-up-for-tracing/setup-tempo/migrate-to-3.md: legacy overrides are disabled (pull request 6741)"},
	{Tempo, Flush, Span{Before: "3.0.0"}, "grafana/tempo cmd/tempo/app/modules.go@v1.5.0..v2.10.8: /flush and /shutdown of the ingester; v3.0.3 has neither"},
	{Tempo, LocalBlocks, Span{From: "2.4.0", Before: "3.0.0"}, "grafana/tempo modules/frontend/metrics_query_range_sharder.go from v2.4.0, issue 4299: error finding generators: empty ring; gone in 3.0.0 (pull request 6555)"},
	{TempoDistributed, LocalBlocksPlace, Span{From: "1.8.4", Before: "3.0.0"}, "charts/tempo-distributed/values.yaml@1.8.4: metricsGenerator.config.traces_storage; gone with Tempo 3"},
	{TempoMonolithic, LocalBlocksPlace, Span{From: "1.21.0", Before: "3.0.0"}, "charts/tempo/values.yaml@1.21.0: traces_storage in config; gone with Tempo 3"},
	{TempoDistributed, LocalBlocksSettings, Span{From: "1.8.4", Before: "3.0.0"}, "charts/tempo-distributed/values.yaml@1.8.4: metricsGenerator.config.processor goes into the configuration as it is"},
	{TempoMonolithic, LocalBlocksSettings, Span{From: "1.24.2", Before: "3.0.0"}, "charts/tempo/values.yaml@1.24.2: tempo.metricsGenerator.processor"},
	{Tempo, VerifyFlag, Span{From: "2.1.0"}, "grafana/tempo cmd/tempo/main.go from v2.1.0: config.verify"},
	{Tempo, TraceMetrics, Span{From: "2.6.0"}, "grafana/tempo pull request 3859 (July 2024): range queries over HTTP for Grafana; v2.4.0 and v2.5.0 have the path as an experiment"},
}

// TempoHas asks TempoFacts.
func TempoHas(subject string, feature Feature, version string) bool {
	return TempoFacts.Has(subject, feature, version)
}

// tempoComponents are the parts of tempo-distributed that open the object
// storage or read its settings, by their keys in the values. Each takes its own
// extraEnvFrom; global.extraEnvFrom is ignored below chart 1.47.0 and hands the
// credentials to memcached too.
var tempoComponents = []struct {
	Span
	keys   []string
	source string
}{
	{Span{Before: "2.17.0"}, []string{"compactor", "distributor", "ingester", "metricsGenerator", "querier", "queryFrontend"},
		"charts/tempo-distributed/values.yaml@0.27.9, 1.61.3; the distributor opens the store for usage statistics (grafana/tempo issue 1648)"},
	{Span{From: "2.17.0", Before: "2.24.0"}, []string{"backendScheduler", "backendWorker", "compactor", "distributor", "ingester", "metricsGenerator", "querier", "queryFrontend"},
		"charts/tempo-distributed/values.yaml@2.17.0"},
	{Span{From: "2.24.0", Before: "3.0.0"}, []string{"backendScheduler", "backendWorker", "blockBuilder", "compactor", "distributor", "ingester", "liveStore", "metricsGenerator", "querier", "queryFrontend"},
		"charts/tempo-distributed/values.yaml@2.24.0, 2.26.2"},
	{Span{From: "3.0.0"}, []string{"backendScheduler", "backendWorker", "blockBuilder", "distributor", "liveStore", "metricsGenerator", "querier", "queryFrontend"},
		"charts/tempo-distributed/values.yaml@3.3.0"},
}

// TempoComponents are the keys of the components of a tempo-distributed chart
// that need the S3 credentials.
func TempoComponents(chart string) []string {
	for _, row := range tempoComponents {
		if row.Holds(chart) {
			return row.keys
		}
	}
	return nil
}
