// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	TempoNamespace string         `json:"tempo_namespace"`
	TempoRelease   string         `json:"tempo_release"`
	Endpoints      map[string]any `json:"endpoints"`
	Receivers      []string       `json:"receivers"`
	Tenant         string         `json:"tenant"`
	TraceQLMetrics bool           `json:"traceql_metrics"`
	ServiceGraph   bool           `json:"service_graph"`
	Reach          string         `json:"reach"`

	IngressHost      string   `json:"ingress_host"`
	IngressURL       string   `json:"ingress_url"`
	IngressPath      string   `json:"ingress_path"`
	TraefikNamespace string   `json:"traefik_namespace"`
	TraefikName      string   `json:"traefik_name"`
	TraefikService   string   `json:"traefik_service_name"`
	Services         []string `json:"services"`

	LokiURL    string `json:"loki_url"`
	LokiTenant string `json:"loki_tenant"`
	LokiQuery  string `json:"loki_query"`
	LokiUID    string `json:"loki_uid"`
	TempoUID   string `json:"tempo_uid"`

	GrafanaURL           string      `json:"grafana_url"`
	GrafanaUser          string      `json:"grafana_user"`
	GrafanaPassword      secret.Text `json:"grafana_password"`
	GrafanaToken         secret.Text `json:"grafana_api_key"`
	OrgID                int64       `json:"org_id"`
	GrafanaValidateCerts bool        `json:"grafana_validate_certs"`
	GrafanaCACert        string      `json:"grafana_ca_cert"`

	URLValidateCerts bool   `json:"url_validate_certs"`
	URLCACert        string `json:"url_ca_cert"`

	Report      string        `json:"report"`
	ClusterName string        `json:"cluster_name"`
	WaitTimeout time.Duration `json:"wait_timeout"`
	Limit       time.Duration `json:"timeout"`
}

// Options is the module's table.
func (Module) Options() option.Table {
	return option.Table{
		Options: slices.Concat(tempoOptions(), ingressOptions(), logOptions(), grafanaOptions(), runOptions(), kube.Options()),
	}
}

func tempoOptions() []option.Option {
	return []option.Option{
		{Name: "endpoints", Type: option.Map, Check: checkEndpoints, Doc: []string{
			"How Tempo is reached, as M(picluster.tracing.tempo_helm) returns it under RV(picluster.tracing.tempo_helm#module:endpoints). C(query), C(otlp_grpc), C(otlp_http) and C(zipkin) are used; others are ignored. Each is C(host:port) or a URL; the protocol's port and path are added if they are missing. Without it they are read from the Services of O(tempo_release)."}},
		{Name: "tempo_namespace", Type: option.Text, Default: "tracing", Check: option.CheckNamespace, Doc: []string{"Namespace of Tempo's release."}},
		{Name: "tempo_release", Type: option.Text, Default: "tempo", Check: option.CheckName, Doc: []string{"Name of Tempo's release."}},
		{Name: "receivers", Type: option.List, Elements: option.Text, Choices: receiverNames(), Doc: []string{
			"Receivers to test. By default all of these that have an endpoint."}},
		{Name: "traceql_metrics", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{
			"Ask Tempo for the rate of all spans by TraceQL metrics, as Grafana's Traces Drilldown does, if it is 2.6 or newer. V(false) is for a Tempo that runs without them."}},
		{Name: "service_graph", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Whether Grafana must lead from Traefik's span to its metrics, draw an edge of the service graph for the traces that the task sends, and lead from an exemplar of one of its traces back to that. Otherwise each of these is proved where the data source O(tempo_uid), or the Prometheus data source that it names, has the link. Tempo sends its metrics every 15 seconds: O(wait_timeout) bounds the wait for each."}},
		{Name: "tenant", Type: option.Text, Login: true, Doc: []string{"Tenant of a Tempo with C(multitenancy_enabled)."}},
		{Name: "reach", Type: option.Text, Default: "auto", Choices: []string{"auto", "direct"}, Doc: []string{
			"With V(auto) addresses that end with C(.svc) or C(.svc.DOMAIN) are reached through the API server: its proxy for HTTP, a forwarded port for gRPC. V(direct) is for hosts that can resolve such names, as pods can."}},
	}
}

func ingressOptions() []option.Option {
	return []option.Option{
		{Name: "ingress_host", Type: option.Text, Check: option.Both(option.CheckNoLogin, option.CheckLine), Doc: []string{
			"Host name of an Ingress. With it a request with B3 headers goes through Traefik, and its trace must arrive under the same ID."}},
		{Name: "ingress_url", Type: option.Text, Check: option.CheckURL, Doc: []string{
			"Where Traefik listens, such as V(http://10.0.0.11). By default the address of Traefik's Service, else O(ingress_host) itself."}},
		{Name: "ingress_path", Type: option.Text, Default: "/", Check: option.Both(option.CheckNoLogin, option.CheckLine), Doc: []string{"Path of that request."}},
		{Name: "traefik_namespace", Type: option.Text, Default: "kube-system", Check: option.CheckNamespace, Doc: []string{"Namespace of Traefik's Service."}},
		{Name: "traefik_name", Type: option.Text, Default: "traefik", Check: option.CheckName, Doc: []string{"Name of Traefik's Service."}},
		{Name: "traefik_service_name", Type: option.Text, Default: "traefik", Doc: []string{"Service name in Traefik's spans."}},
		{Name: "services", Type: option.List, Elements: option.Text, Doc: []string{
			"Services that must have spans beneath Traefik's: those of the application and of the mesh, such as V(linkerd-proxy)."}},
	}
}

func logOptions() []option.Option {
	return []option.Option{
		{Name: "loki_url", Type: option.Text, Check: option.CheckURL, Doc: []string{
			"Address of Loki. Without it Loki is asked through Grafana's data source O(loki_uid)."}},
		{Name: "loki_tenant", Type: option.Text, Login: true, Doc: []string{"Tenant of Loki, when O(loki_url) is asked."}},
		{Name: "loki_query", Type: option.Text, Doc: []string{
			"LogQL that finds Traefik's access-log line. C(HOST) and C(MARK) in it are replaced by the host name and by a word that is only in the path of this request. By default it is asked for the link that the data source O(loki_uid) keeps, else the lines of C(app=\"traefik\") are searched by the fields of pi-cluster's procedure, then by Traefik's own field names.",
			"Where that finds nothing for some seconds, all streams of Loki are searched for the request. RV(log_link) says where it was."}},
		{Name: "loki_uid", Type: option.Text, Doc: []string{"Data source of Grafana with the logs. Its derived field is run on the log line, and the link to logs of the data source O(tempo_uid) has to lead back to it."}},
	}
}

func grafanaOptions() []option.Option {
	rows := slices.DeleteFunc(grafana.Options(), func(row option.Option) bool {
		return !strings.HasPrefix(row.Name, "grafana_") && row.Name != "org_id"
	})
	return append(rows,
		option.Option{Name: "tempo_uid", Type: option.Text, Default: "tempo", Doc: []string{"Data source of Grafana with the traces. The trace is fetched through it."}},
		option.Option{Name: "grafana_validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether Grafana's certificate is verified."}},
		option.Option{Name: "grafana_ca_cert", Type: option.Text, Doc: []string{"CA certificate of Grafana, as a path on the managed host or as PEM text. It is trusted in addition to those of that host."}})
}

func runOptions() []option.Option {
	return []option.Option{
		{Name: "url_validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether the certificates of Tempo, Traefik and Loki are verified."}},
		{Name: "url_ca_cert", Type: option.Path, Inline: true, Doc: []string{"CA certificate of Tempo, Traefik and Loki, as a path on the managed host or as PEM text. It is trusted in addition to those of that host."}},
		{Name: "report", Type: option.Path, Doc: []string{
			"File on the managed host to which the outcome is written as one HTML page, also when a hop fails. Writing it is not reported as a change. A link, and anything but a regular file, is refused; an existing file keeps its owner."}},
		{Name: "cluster_name", Type: option.Text, Since: "1.1.0", Doc: []string{"What you call the cluster. The page of O(report) names it."}},
		{Name: "wait_timeout", Type: option.Duration, Default: "60s", Doc: []string{
			"How long to look for each trace or log line, and to wait for a Tempo that is not ready yet: it says so for 15 seconds after its start. Tempo 3 leaves the last 30 seconds out of a search."}},
		{Name: "timeout", Type: option.Duration, Default: "5m", Doc: []string{"How long the whole proof may take. A server that accepts a connection and does not answer is given 30 seconds of it."}},
	}
}

func checkEndpoints(value any) error {
	endpoints, _ := value.(map[string]any)
	for _, name := range append([]string{query}, receiverNames()...) {
		address, given := endpoints[name]
		if !given {
			continue
		}
		text, isText := address.(string)
		if !isText || text == "" {
			return fmt.Errorf("has no address for %s", name)
		}
		if _, err := tempo.Endpoint(name).Complete(text); err != nil {
			return fmt.Errorf("is wrong for %s: it %w", name, err)
		}
	}
	return option.CheckAddresses(value)
}
