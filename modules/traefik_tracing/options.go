// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	traefikchart.Config
	State            string        `json:"state"`
	Required         bool          `json:"required"`
	Method           string        `json:"method"`
	Name             string        `json:"name"`
	Namespace        string        `json:"namespace"`
	Version          string        `json:"traefik_version"`
	TempoNamespace   string        `json:"tempo_namespace"`
	TempoRelease     string        `json:"tempo_release"`
	IngressHost      string        `json:"ingress_host"`
	IngressURL       string        `json:"ingress_url"`
	IngressPath      string        `json:"ingress_path"`
	URLValidateCerts bool          `json:"url_validate_certs"`
	URLCACert        string        `json:"url_ca_cert"`
	FailurePolicy    string        `json:"failure_policy"`
	Force            bool          `json:"force"`
	Wait             bool          `json:"wait"`
	Limit            time.Duration `json:"timeout"`
}

// Options is the module's table.
func (Module) Options() option.Table {
	return option.Table{Options: slices.Concat(findOptions(), tracingOptions(), logOptions(), probeOptions(), runOptions(), kube.Options())}
}

func findOptions() []option.Option {
	return []option.Option{
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
			"V(present) sets tracing and access log, V(absent) restores what was there before."}},
		{Name: "required", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{
			"Whether it is an error if there is no Traefik. Otherwise the task then does nothing and warns."}},
		{Name: "method", Type: option.Text, Default: "auto", Choices: []string{"auto", methodConfig, methodHelm}, Doc: []string{
			"How Traefik is configured: V(helmchartconfig) through the HelmChartConfig of a HelmChart that k3s' controller installs, V(helm) by an upgrade of a Helm release. V(auto) uses what exists."}},
		{Name: "name", Type: option.Text, Aliases: []string{"release_name"}, Check: option.CheckName, Doc: []string{
			"Name of the HelmChart or of the Helm release. Needed only where there are several."}},
		{Name: "namespace", Type: option.Text, Aliases: []string{"release_namespace"}, Check: option.CheckNamespace, Doc: []string{
			"Namespace of the HelmChart or of the Helm release. Needed only where there are several."}},
		{Name: "traefik_version", Type: option.Text, Check: checkVersion, Doc: []string{
			"Version of Traefik, for an image whose tag does not reveal it. It changes nothing in the cluster."}},
		{Name: "image_tag", Type: option.Text, Check: option.CheckWord, Doc: []string{
			"Tag of the image to run instead of the chart's, for versions that write no trace ID into the access log."}},
	}
}

func tracingOptions() []option.Option {
	return []option.Option{
		{Name: "endpoint", Type: option.Text, Check: option.CheckAddress, Doc: []string{
			"Where spans go, as the protocol needs it: C(http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces) for OTLP over HTTP, C(HOST:4317) for gRPC, C(http://HOST:9411/api/v2/spans) for Traefik v2. By default it is taken from O(endpoints), else from the Services of the Tempo that runs in the cluster."}},
		{Name: "endpoints", Type: option.Map, Check: option.CheckAddresses, Doc: []string{
			"What M(picluster.tracing.tempo_helm) returns under that name."}},
		{Name: "tempo_namespace", Type: option.Text, Check: option.CheckNamespace, Doc: []string{
			"Namespace of Tempo, where there are several."}},
		{Name: "tempo_release", Type: option.Text, Check: option.CheckName, Doc: []string{
			"Helm release of Tempo, where there are several."}},
		{Name: "protocol", Type: option.Text, Default: "http", Choices: []string{"http", "grpc"}, Doc: []string{
			"Transport of OTLP for Traefik v3. Traefik v2 always uses Zipkin over HTTP."}},
		{Name: "service_name", Type: option.Text, Check: option.CheckLine, Doc: []string{
			"Name of Traefik in traces; C(traefik) by default."}},
		{Name: "sample_rate", Type: option.Float, Default: 1.0, Check: checkRate, Doc: []string{
			"Fraction of requests that are traced, from 0 to 1."}},
		{Name: "resource_attributes", Type: option.Map, Elements: option.Text, Doc: []string{
			"Attributes of every span, for Traefik v3."}},
		{Name: "same_span", Type: option.Bool, Default: true, Doc: []string{
			"Whether client and server share a span ID, for Traefik v2."}},
		{Name: "id_128bit", Type: option.Bool, Default: true, Doc: []string{
			"Whether trace IDs have 128 bits, for Traefik v2."}},
		{Name: "propagators", Type: option.List, Default: []any{"tracecontext", "baggage", "b3multi"}, Choices: propagators, Doc: []string{
			"Headers that carry the trace from and to other services, for Traefik v3; v2 always uses B3. Linkerd and emojivoto need V(b3multi)."}},
	}
}

// propagators are the names that Traefik v3 takes in OTEL_PROPAGATORS
// (go.opentelemetry.io/contrib/propagators/autoprop, registry.go).
var propagators = []string{"tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "ottrace", "none"}

func logOptions() []option.Option {
	return []option.Option{
		{Name: "access_log", Type: option.Bool, Default: true, Doc: []string{
			"Whether to set the access log to JSON with the trace ID in it."}},
		{Name: "access_log_output", Type: option.Text, Since: "1.1.0", Default: "auto", Choices: []string{"auto", "stdout", "otlp", "both"}, Doc: []string{
			"Where the access log goes. V(auto) leaves it where it is, which is the output of Traefik's container unless OTLP is switched on in Traefik's values. V(stdout) writes it only there, V(otlp) only to a server that accepts OTLP (Traefik 3.3 and newer), V(both) to both (Traefik 3.7 and newer).",
			"If somebody else's settings already send it to a server by OTLP, V(otlp) and V(both) keep that server."}},
		{Name: "access_log_endpoint", Type: option.Text, Since: "1.1.0", Check: option.Both(option.CheckURL, option.CheckLine), Doc: []string{
			"Where the access log goes by OTLP over HTTP, with the path: C(http://loki.logging.svc.cluster.local:3100/otlp/v1/logs) for Loki 3 and newer, C(http://HOST:4318/v1/logs) for an OpenTelemetry Collector. By default the only Loki in the cluster. Only with O(access_log_output=otlp) and O(access_log_output=both)."}},
		{Name: "access_log_tenant", Type: option.Text, Since: "1.1.0", Check: option.CheckLine, Doc: []string{
			"Tenant of Loki, sent as C(X-Scope-OrgID) with the access log. Only with O(access_log_output=otlp) and O(access_log_output=both)."}},
		{Name: "trace_header", Type: option.Text, Default: "X-B3-Traceid", Check: option.CheckHeader, Doc: []string{
			"Request header that the access log keeps; all others are dropped unless Traefik's values say otherwise. Traefik v2 logs the trace ID by it."}},
		{Name: "without_trace_id", Type: option.Bool, Default: false, Doc: []string{
			"Continue with a version of Traefik that cannot write the trace ID into its access log (3.0, 3.1, 3.3.0 to 3.3.2)."}},
	}
}

func probeOptions() []option.Option {
	return []option.Option{
		{Name: "ingress_host", Type: option.Text, Since: "1.1.0", Check: option.Both(option.CheckNoLogin, option.CheckLine), Doc: []string{
			"Host name of an Ingress. With it one request goes through Traefik after everything else, and its line in the access log must contain the trace ID that it was sent with. The line is read from the logs of Traefik's pods. Not done in check mode; requires O(access_log) and O(wait)."}},
		{Name: "ingress_url", Type: option.Text, Since: "1.1.0", Check: option.CheckURL, Doc: []string{
			"Where Traefik listens, such as V(http://10.0.0.11); requests the same check. By default the address of Traefik's Service, else O(ingress_host) itself."}},
		{Name: "ingress_path", Type: option.Text, Since: "1.1.0", Default: "/", Check: option.Both(option.CheckNoLogin, option.CheckLine), Doc: []string{"Path of that request."}},
		{Name: "url_validate_certs", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{"Whether the certificate behind O(ingress_url) is verified."}},
		{Name: "url_ca_cert", Type: option.Path, Since: "1.1.0", Inline: true, Doc: []string{"CA certificate behind O(ingress_url), as a path on the host that runs the task or as PEM text. It is trusted in addition to those of that host."}},
	}
}

func runOptions() []option.Option {
	return []option.Option{
		{Name: "failure_policy", Type: option.Text, Choices: []string{"abort", "retry", "reinstall"}, Doc: []string{
			"What k3s' controller does with a failed upgrade. By default a V(retry) in the HelmChartConfig stays and everything else becomes V(abort), since V(reinstall), the cluster's default, uninstalls Traefik. V(retry) and V(reinstall) repair a release that has failed; V(retry) is refused if this k3s does not know it."}},
		{Name: "force", Type: option.Bool, Default: false, Doc: []string{
			"Change the values even if a manifest file of k3s or a GitOps tool owns them and may revert the change."}},
		{Name: "wait", Type: option.Bool, Default: true, Doc: []string{
			"Whether to wait until Traefik runs with the settings, and to verify that by its arguments."}},
		{Name: "timeout", Type: option.Duration, Default: "10m", Doc: []string{
			"How long the whole task may take. A server that accepts a connection and does not answer is given 30 seconds of it."}},
	}
}

func checkVersion(value any) error {
	text, _ := value.(string)
	if _, _, known := compat.TraefikRelease(text); !known {
		return fmt.Errorf("must be a version such as 3.6.13")
	}
	return nil
}

func checkRate(value any) error {
	if rate, isRate := value.(float64); !isRate || rate < 0 || rate > 1 {
		return fmt.Errorf("must lie between 0 and 1")
	}
	return nil
}
