// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Options are the rows behind Config, from which the chart's values are composed.
func Options() []option.Option {
	return []option.Option{
		{Name: "receivers", Type: option.List, Choices: receiverNames(), Doc: []string{
			"The protocols in which Tempo receives spans.",
			"The default is what pi-cluster's procedure enables: OTLP over gRPC and HTTP, Zipkin, Jaeger thrift compact and HTTP, and OpenCensus if the chart's Tempo still has it. OpenCensus in a list of yours is refused if Tempo no longer has it (2.9.3, 2.10.6, 3.0)."}},
		{Name: "storage", Type: option.Text, Since: "1.1.0", Choices: []string{ObjectStorage, LocalStorage}, Doc: []string{
			"Where traces are kept: in the object storage that O(s3) names, which is the default, or on the volume of one pod, which is on one node and lost with that node's disk. V(local) needs no store, is for O(mode=monolithic) only, which V(auto) then chooses, and makes a volume of " + defaultVolume + " unless O(persistence) says otherwise.",
			"A release that keeps its traces in a bucket becomes V(local) only with O(migrate=lossy), since they stay behind there."}},
		{Name: "s3", Type: option.Map, Suboptions: s3Options(), Doc: []string{
			"The object storage for the traces. It is required when O(state=present), unless O(storage=local)."}},
		{Name: "retention", Type: option.Text, Check: Duration, Doc: []string{
			"How long traces are kept, such as V(48h) or V(336h). The chart's default is 48 hours, 24 with O(mode=monolithic), but 14 days in the charts C(tempo) 3.0.0 to 3.1.0. Chart C(tempo) has it from 0.16.6 on."}},
		{Name: "log_received_spans", Type: option.Bool, Default: false, Doc: []string{
			"Let the distributor log each span that it receives, for debugging. Only with O(mode=microservices)."}},
		{Name: "search", Type: option.Bool, Default: true, Doc: []string{
			"Search for traces, not only look them up by ID. Charts from 1.0.0 on always can, and V(false) is refused there."}},
		{Name: "streaming", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Stream search results over HTTP, as Grafana's Tempo data source requests them when its streaming is on. Charts C(tempo-distributed) from 1.58.1 and C(tempo) from 2.2.0 on have a switch for it; with others V(true) is refused."}},
		{Name: "metrics_generator", Type: option.Map, Suboptions: generatorOptions(), Doc: []string{
			"Derive metrics from the spans and send them to Prometheus, from which Grafana draws the service graph."}},
		{Name: "service_graph", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Derive what Grafana draws the service graph from, and the rate of each kind of span, and send it to the Prometheus of the cluster: O(metrics_generator) with the processors C(service-graphs) and C(span-metrics) and the address of that Prometheus.",
			"Prometheus is found by the labels of its Service (charts prometheus, kube-prometheus-stack, kube-prometheus), and asked through the API server's proxy whether it takes remote write. If not, the task fails with what to set; if it cannot be asked, a warning says so. Where O(metrics_generator.remote_write_url) is given, that address counts and nobody is asked."}},
		{Name: "prometheus", Type: option.Text, Since: "1.1.0", Check: checkService, Doc: []string{
			"Service of the Prometheus for O(service_graph), as C(NAMESPACE/NAME), where there are several or its labels do not tell."}},
		{Name: "traceql_metrics", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{
			"Answer TraceQL metrics, such as the rate of spans, which Grafana's Traces Drilldown needs. Tempo 3 and newer does so by itself. Tempo 2.4 to 2.10 needs a metrics generator with the processor C(local-blocks) for it, without which it answers 500 (\"empty ring\"): it is switched on, or added to O(metrics_generator), and needs no Prometheus.",
			"It has an effect with C(tempo-distributed) 1.8.4 to 2.26.2, where it is one more pod, and C(tempo) 1.21.0 to 2.2.4."}},
		{Name: "usage_report", Type: option.Bool, Since: "1.1.0", Doc: []string{
			"Whether Tempo tells Grafana Labs every four hours how it is used, without a name: versions, sizes and which features are on, sent to C(stats.grafana.org). Without this option the chart decides, and all charts so far let it.",
			"Tempo itself calls it C(usage_report.reporting_enabled). V(false) restarts a Tempo that reports."}},
		{Name: "kafka", Type: option.Map, Suboptions: kafkaOptions(), Doc: []string{
			"The Kafka broker that C(tempo-distributed) needs from chart 3.0.0 on, and can use from 2.24.0 on."}},
		{Name: "persistence", Type: option.Map, Suboptions: persistenceOptions(), Doc: []string{
			"Volumes for the ingesters and, where the chart has them, the metrics generator (with O(mode=monolithic) for Tempo), so that spans that are not stored yet survive a restart.",
			"Charts C(tempo-distributed) from 3.0.0 on have one for the metrics generator only, since Kafka keeps the spans: without O(metrics_generator) the option is refused there.",
			"A StatefulSet whose volumes change is deleted and recreated; its pods stay until their replacements are ready. Existing volumes keep their size and storage class; a warning says so, and how to enlarge them."}},
		{Name: "image_tag", Type: option.Text, Check: option.CheckWord, Doc: []string{
			"Tag of Tempo's image, if it should differ from the chart's. It must be of the same major version."}},
		{Name: "replicas", Type: option.Map, Suboptions: replicaOptions(), Doc: []string{
			"Number of pods of each component, if it should differ from the chart's. Only with O(mode=microservices)."}},
		{Name: "replication_factor", Type: option.Int, Check: option.Between(1, maxCopies), Doc: []string{
			"On how many ingesters each span is kept until it is stored. The chart's default is 3, which needs three nodes. Only for charts with ingesters."}},
		{Name: "resources", Type: option.Text, Default: defaultResources, Choices: presetNames(), Doc: []string{
			"Requests and limits of all pods: V(raspberrypi) fits boards of 4 GB and sets O(replication_factor) and the number of ingesters to 1 unless they are given, V(small) fits nodes of 8 GB, V(default) is the chart's own, mostly none.",
			"V(auto) picks the one that fits the smallest node that may run Tempo: V(raspberrypi) below 6 GiB of allocatable memory, V(small) below 12 GiB, else V(default). RV(resources) says which.",
			"If a container has a memory limit, from here or from O(values), Go adapts to it: C(GOMEMLIMIT) is 0.85 of the limit and C(GOGC) 80, unless C(extraEnv) names them, and the one-gigabyte ballast of older charts is left out."}},
		{Name: "node_selector", Type: option.Map, Elements: option.Text, Default: map[string]any{}, Doc: []string{
			"Labels of the nodes on which Tempo runs, such as C(kubernetes.io/arch: arm64)."}},
		{Name: "tolerations", Type: option.List, Elements: option.Map, Default: []any{}, Check: checkTolerations, Doc: []string{
			"Tolerations of all pods, as in Kubernetes."}},
		{Name: "values", Type: option.Map, Default: map[string]any{}, Aliases: []string{"release_values"}, Doc: []string{
			"More values for the chart, merged last: a map is merged, anything else replaces, but lists C(extraEnvFrom), C(extraEnv), C(extraVolumes) and C(extraVolumeMounts), which carry the credentials and the CA of O(s3), are added to.",
			"They are not for passwords: they are stored in the release and often end in a ConfigMap."}},
		{Name: "strict_values", Type: option.Bool, Default: false, Doc: []string{
			"Refuse keys in O(values) that the chart does not know, instead of warning. No chart of Tempo has a schema, so a misspelt key has no effect and causes no error."}},
		{Name: "verify_config", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{
			"Check Tempo's configuration, as the chart renders it, against what that version of Tempo knows, and refuse one with which its pods would crash: keys that this version does not have, limits without a scope with Tempo 3 and newer, and block formats that it does not write."}},
	}
}

func receiverNames() []string {
	var names []string
	for _, receiver := range tempo.Receivers {
		names = append(names, string(receiver))
	}
	return names
}

func s3Options() []option.Option {
	return []option.Option{
		{Name: "bucket", Type: option.Text, Required: true, Check: option.CheckWord, Doc: []string{"The bucket."}},
		{Name: "endpoint", Type: option.Text, Required: true, Check: hostPort, Doc: []string{"Host and port of the server, without C(https://)."}},
		{Name: "region", Type: option.Text, Check: option.CheckLine, Doc: []string{"Region of the bucket. If it is given, Tempo needs no permission to look it up."}},
		{Name: "access_key", Type: option.Text, Login: true, Doc: []string{
			"Access key. The keys are kept in a Secret that this module owns and reach every part of Tempo through its environment; they never appear in the chart's values."}},
		{Name: "secret_key", Type: option.Text, Secret: true, Doc: []string{"Secret key. A new one restarts the pods."}},
		{Name: "existing_secret", Type: option.Text, Check: option.CheckName, Doc: []string{
			"Name of an existing Secret, instead of the keys, with the entries C(AWS_ACCESS_KEY_ID) and C(AWS_SECRET_ACCESS_KEY)."}},
		{Name: "insecure", Type: option.Bool, Default: false, Doc: []string{"Use HTTP to reach the server."}},
		{Name: "validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether Tempo verifies the server's certificate."}},
		{Name: "ca_cert", Type: option.Text, Since: "1.1.0", Aliases: []string{"ca_path"}, Doc: []string{
			"CA certificate of the server, as a path on the host that runs the task or as PEM text. Tempo trusts it instead of those in its image. It is kept in a Secret that this module owns and is mounted into every part of Tempo; a new one restarts the pods."}},
		{Name: "path_style", Type: option.Bool, Default: true, Doc: []string{"Put the bucket in the path of the URL, as MinIO expects, not in the host name."}},
		{Name: "prefix", Type: option.Text, Check: option.CheckLine, Doc: []string{"Prefix of all object names. From Tempo 2.2 on."}},
	}
}

// hostPort refuses what Tempo would not start with: it wants no scheme
// (grafana/tempo tempodb/backend/s3/s3.go).
func hostPort(value any) error {
	text, _ := value.(string)
	if strings.Contains(text, "://") || strings.Contains(text, "/") {
		return fmt.Errorf("must be host:port without http:// and without a path")
	}
	if err := option.CheckNoLogin(text); err != nil {
		return err
	}
	parsed, err := url.Parse("//" + text)
	if err != nil || parsed.Hostname() == "" {
		return fmt.Errorf("must be host:port")
	}
	return option.CheckPort(parsed.Port())
}
