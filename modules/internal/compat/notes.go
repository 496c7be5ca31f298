// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import "slices"

// Note tells users what a range of versions of a chart or a program does.
type Note struct {
	// Versions as people write them, such as "2.2.2 - 2.2.4".
	Versions string
	// Brings is what comes with it, such as the version of Tempo; "" for nothing.
	Brings string
	// Works is yes, no, or under which condition.
	Works string
	// Know is what else to know; "" for nothing.
	Know string
	// Source is where this was read.
	Source string
}

// chartNotes are those of both charts of Tempo, the oldest versions first. The
// modules themselves decide by TempoFacts.
var chartNotes = map[string][]Note{
	TempoDistributed: {
		{"below 0.27.0", "", "no", "0.27.0 is the first version that the modules know and are tested with", "TempoFacts, Known"},
		{"0.27.x – 1.40.x", "1.5 – 2.7", "yes", "query port 3100; below 1.0.0 search has to be switched on, which the role does", "charts/tempo-distributed/values.yaml@0.27.9..1.40.0"},
		{"1.13.0, 1.13.1", "2.5.0", "no", "these render no ingesters; fixed in 1.13.2", "TempoFacts, NoIngesters"},
		{"1.41.0 – 2.23.4", "2.7 – 2.10.5", "yes", "query port 3200: the data source follows, since the port is read from the Service; Kubernetes 1.25 and newer from 2.0.0 on", "charts/tempo-distributed/Chart.yaml@2.0.0"},
		{"2.23.5 – 2.26.2", "2.10.6, 2.10.7", "yes, without OpenCensus", "the image no longer has an OpenCensus receiver, although the chart still offers it; 2.26.2 is the last without Kafka", "TempoFacts, OpenCensus"},
		{"3.x", "3.x", "only with Kafka", "without a broker the release is refused; stay on 2.26.2, or use `tempo_mode: monolithic`", "TempoFacts, KafkaRequired"},
		{"4.0.0 and newer", "", "no", "refused: not tested yet", "UnknownMajor"},
	},
	TempoMonolithic: {
		{"below 0.16.5", "", "no", "it has no `tempo.extraEnvFrom`, through which Tempo gets the credentials of the object storage", "TempoFacts, Known"},
		{"0.16.5", "1.5.0", "without `retention`", "the chart uses it for how long already compacted blocks are kept; 0.16.6 has the same Tempo", "TempoFacts, Retention"},
		{"0.16.6 – 1.26.x", "1.5 – 2.10", "yes", "query port 3100, 3200 since 1.23.1; below 1.19.0 the metrics generator always runs `service-graphs` and `span-metrics`", "TempoFacts, FixedProcessors"},
		{"2.0.0 – 2.2.0", "2.10.1 – 2.10.5", "yes", "its README asks for Kubernetes 1.25", "charts/tempo/README.md@2.0.0"},
		{"2.2.1", "2.10.6", "no", "its image has no OpenCensus receiver but its own defaults ask for one; use 2.2.2 or newer", "TempoFacts, BrokenOpenCensus"},
		{"2.2.2 – 2.2.4", "2.10.6 – 2.10.8", "yes", "without `retention` blocks are kept for 24 hours", "charts/tempo/values.yaml@2.2.4"},
		{"3.0.0 – 3.1.0", "3.0.3, 3.1.0", "yes", "Tempo 3 in one pod needs no Kafka; Kubernetes 1.25 and newer; the chart's key for the retention does not reach the worker, so the module configures the worker itself: without `retention` blocks are kept for 14 days", "TempoFacts, WorkerIgnoresRetention"},
		{"3.1.1 and newer 3.x", "3.1", "yes", "without `retention` blocks are kept for 24 hours again", "charts/tempo/README.md, upgrading from 3.0.0 through 3.1.0"},
		{"4.0.0 and newer", "", "no", "refused: not tested yet", "UnknownMajor"},
	},
}

// ChartNotes returns what to know about a chart, the oldest versions first.
func ChartNotes(chart string) []Note { return slices.Clone(chartNotes[chart]) }

// bundleNotes say which k3s ships which Traefik. Patch releases of k3s bring newer
// ones, so that its minor version says little: modules read the image.
var bundleNotes = []Note{
	{"2.6", "1.25.0 – 1.25.2", "Zipkin, by arguments (that chart has no tracing keys)", "`request_X-B3-Traceid`", "k3s releases; traefik-helm-chart v10.19.3"},
	{"2.9 – 2.11", "1.25.3 – 1.32.1", "Zipkin", "`request_X-B3-Traceid`", "k3s releases"},
	{"3.0, 3.1", "–", "OTLP", "none", "TraefikFor"},
	{"3.2", "–", "OTLP", "`TraceId`", "TraefikFor"},
	{"3.3.0 – 3.3.2", "1.32.2, 1.32.3", "OTLP", "none, a bug in these versions: set `traefik_image_tag` to v3.3.3 or newer", "traefik issue 11449"},
	{"3.3.3 – 3.6.10", "1.32.4 and newer, except those in the next row; 3.6.7 in 1.32 and 1.34", "OTLP", "`TraceId`", "k3s pull requests 13481, 13483"},
	{"3.6.11 and newer", "the last of 1.33 and 1.34 (3.6.13), 1.33.13 and 1.35.6 (3.7.4, later 3.7.8), 1.37.1 (3.7.13)", "OTLP", "`trace_id` (and `TraceId`)", "k3s pull requests 13970–13972, 14198, 14200, 14425, 14428, 14573"},
}

// BundleNotes says which k3s ships which Traefik, and what that one does.
func BundleNotes() []Note { return slices.Clone(bundleNotes) }

// storeNotes are about Grafana and the stores of traces.
var storeNotes = []Note{
	{"Grafana 9 and newer", "", "yes", "only API routes by uid are used; Grafana 13 has no numeric ones by default", "grafana pull request 119930"},
	{"data sources of kube-prometheus-stack", "", "not over the API", "they are provisioned and thus read-only: the message says where they come from", "kube-prometheus-stack values"},
	{"MinIO of any year", "", "yes", "servers with only the old way to attach a policy are handled; it was archived on 2026-04-25 and gets no more fixes, so choose another store for a new setup", "agalue/LGTM-PoC pull request 65 (second-hand)"},
	{"RustFS", "", "yes", "it supports MinIO's calls for users and policies, but not those that configure the server; the bucket, its user and policy, and Tempo with compaction and retention work on it (1.0.1); its sources disagree on whether it can read MinIO's disks: copy over S3", "pi-cluster's OpenTofu; rustfs; lightdash pull request 29616"},
	{"Garage", "", "bucket only", "`minio_admin: none`; create bucket and key with its own command (see [migration](migration.md#replacing-minio)); lifecycle, the probe, and Tempo with compaction and retention work on it (2.5.0)", "`make stores`, LAB_S3"},
	{"SeaweedFS", "", "bucket only", "`minio_admin: none`; the bucket, the probe, and Tempo with compaction and retention work on it (4.53)", "`make stores`"},
	{"other S3 stores", "", "bucket only", "`minio_admin: none`: users and policies are managed elsewhere", "modules/minio_tempo_bucket"},
	{"`mc`, `helm`, pip packages", "", "not needed", "the program talks to the servers itself", "the program"},
}

// StoreNotes are about Grafana and the stores of traces.
func StoreNotes() []Note { return slices.Clone(storeNotes) }
