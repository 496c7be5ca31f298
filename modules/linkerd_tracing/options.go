// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	State            string         `json:"state"`
	Required         bool           `json:"required"`
	LinkerdNamespace string         `json:"linkerd_namespace"`
	JaegerNamespace  string         `json:"jaeger_namespace"`
	JaegerRelease    string         `json:"jaeger_release"`
	Endpoints        map[string]any `json:"endpoints"`
	ServiceAccount   string         `json:"service_account"`
	TempoNamespace   string         `json:"tempo_namespace"`
	TempoRelease     string         `json:"tempo_release"`
	Protocol         string         `json:"protocol"`
	ServiceName      string         `json:"trace_service_name"`
	ControlPlane     bool           `json:"control_plane"`
	Unmeshed         string         `json:"unmeshed"`
	ChartRef         string         `json:"chart_ref"`
	ChartRepoURL     string         `json:"chart_repo_url"`
	ChartVersion     string         `json:"chart_version"`
	ChartUser        string         `json:"chart_repo_username"`
	ChartPassword    secret.Text    `json:"chart_repo_password"`
	ChartCA          string         `json:"chart_repo_ca_cert"`
	Force            bool           `json:"force"`
	Wait             bool           `json:"wait"`
	Limit            time.Duration  `json:"timeout"`
}

// What option unmeshed may say.
const (
	unmeshedRefuse = "refuse"
	unmeshedWarn   = "warn"
	unmeshedSkip   = "skip"
)

// Options is the module's table.
func (Module) Options() option.Table {
	rows := append(meshOptions(), tempoOptions()...)
	rows = append(rows, chartOptions()...)
	return option.Table{Options: append(rows, kube.Options()...)}
}

func meshOptions() []option.Option {
	return []option.Option{
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
			"Whether traces are sent. V(absent) restores what was there before."}},
		{Name: "required", Type: option.Bool, Default: false, Doc: []string{"Whether it is an error if there is no Linkerd. Otherwise the task then does nothing."}},
		{Name: "linkerd_namespace", Type: option.Text, Default: "linkerd", Check: option.CheckNamespace, Doc: []string{"Namespace of Linkerd's control plane."}},
		{Name: "jaeger_namespace", Type: option.Text, Default: "linkerd-jaeger", Check: option.CheckNamespace, Doc: []string{"Namespace of the extension that Linkerd up to 2.18 needs. It is created if it is missing."}},
		{Name: "jaeger_release", Type: option.Text, Default: "linkerd-jaeger", Check: option.CheckName, Doc: []string{"Name of the extension's Helm release, where it has to be installed."}},
		{Name: "trace_service_name", Type: option.Text, Default: "linkerd-proxy", Doc: []string{"Service name in the spans of the proxies. Linkerd before 2.17 does not know it."}},
		{Name: "control_plane", Type: option.Bool, Default: false, Doc: []string{"Whether the control plane sends traces of its own too. Only Linkerd from 2.19 on can."}},
		{Name: "force", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Change the release even if a GitOps tool (Flux, Argo CD) or a HelmChart of k3s manages it and may revert the change."}},
		{Name: "wait", Type: option.Bool, Default: true, Doc: []string{"Whether to wait for the rollout of what was changed."}},
		{Name: "timeout", Type: option.Duration, Default: "10m", Doc: []string{"How long the whole task may take. A server that accepts a connection and does not answer is given 30 seconds of it."}},
	}
}

func tempoOptions() []option.Option {
	return []option.Option{
		{Name: "endpoints", Type: option.Map, Check: option.CheckAddresses, Doc: []string{
			"How Tempo is reached, as M(picluster.tracing.tempo_helm) returns it. C(otlp_grpc) and C(opencensus) are used. Without it they are read from the Services of O(tempo_release)."}},
		{Name: "service_account", Type: option.Text, Check: option.CheckName, Doc: []string{
			"ServiceAccount of Tempo's pods, which is their identity in the mesh. Without it it is read from the pods."}},
		{Name: "tempo_namespace", Type: option.Text, Default: "tracing", Check: option.CheckNamespace, Doc: []string{"Namespace of Tempo's release."}},
		{Name: "tempo_release", Type: option.Text, Default: "tempo", Check: option.CheckName, Doc: []string{"Name of Tempo's release."}},
		{Name: "protocol", Type: option.Text, Default: "auto", Choices: []string{"auto", "opentelemetry", "opencensus"}, Doc: []string{
			"Protocol of the proxies. V(auto) picks the newest that both Linkerd and Tempo support."}},
		{Name: "unmeshed", Type: option.Text, Default: unmeshedRefuse, Choices: []string{unmeshedRefuse, unmeshedWarn, unmeshedSkip}, Doc: []string{
			"What to do when Tempo's pods have no proxy of Linkerd. Linkerd sends traces only to pods in the mesh, so none would arrive.",
			"V(warn) sets Linkerd up anyway, V(skip) leaves it as it is; both warn."}},
	}
}

// chartLogin are the options that take the login of a chart repository.
const chartLogin = "chart_repo_username and chart_repo_password"

func chartOptions() []option.Option {
	return []option.Option{
		{Name: "chart_ref", Type: option.Text, Default: "linkerd-jaeger", Check: option.CheckNoLoginBut(chartLogin), Doc: []string{
			"Chart of the extension, where it has to be installed: its name in O(chart_repo_url), a path, a URL or C(oci://) reference."}},
		{Name: "chart_repo_url", Type: option.Text, Default: "https://helm.linkerd.io/stable", Check: option.CheckNoLoginBut(chartLogin), Doc: []string{"Repository of that chart."}},
		{Name: "chart_version", Type: option.Text, Doc: []string{
			"Version of that chart; it must match the control plane's, and is required to install the extension."}},
		{Name: "chart_repo_username", Type: option.Text, Login: true, Doc: []string{"User of the repository."}},
		{Name: "chart_repo_password", Type: option.Text, Secret: true, Doc: []string{"Password of that user."}},
		{Name: "chart_repo_ca_cert", Type: option.Path, Inline: true, Doc: []string{"CA certificate of the repository, as a path on the host that runs the task or as PEM text. It is trusted in addition to those of that host."}},
	}
}
