//go:build lab || stack

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
	traefik "github.com/picluster/tracing/modules/traefik_tracing"
)

// lab is one namespace of the lab's cluster with a Traefik of its own.
type lab struct {
	*testkit.Cluster
	clients   kube.Clients
	http      *http.Client
	namespace string
	name      string
}

func newLab(t *testing.T) lab {
	t.Helper()
	cluster := testkit.NewCluster(t)
	clients, err := kube.NewClients(cluster.Config)
	require.NoError(t, err)
	client, err := rest.HTTPClientFor(cluster.Config)
	require.NoError(t, err)
	l := lab{Cluster: cluster, clients: clients, http: client, namespace: testkit.Name("traefik"), name: testkit.Name("edge")}
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: l.namespace}}
	_, err = clients.Core.Namespaces().Create(t.Context(), namespace, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { l.leave(t) })
	return l
}

// leave removes everything by deleting the namespace. Deleting the HelmChart
// itself would uninstall during a running upgrade: helm-controller does not stop
// that Job, the upgrade recreates what the other has deleted, and Helm waits five
// minutes for its deletion. In a namespace that is being deleted the controller
// lets the HelmChart go without a Job (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, OnRemove).
func (l lab) leave(t *testing.T) {
	_ = l.clients.Core.Namespaces().Delete(context.Background(), l.namespace, meta.DeleteOptions{})
	ours := "?labelSelector=" + url.QueryEscape("app.kubernetes.io/instance in ("+l.name+","+l.name+"-"+l.namespace+")")
	for _, kind := range []string{"rbac.authorization.k8s.io/v1/clusterroles", "rbac.authorization.k8s.io/v1/clusterrolebindings", "networking.k8s.io/v1/ingressclasses"} {
		l.call(t, http.MethodDelete, "/apis/"+kind+ours, "", nil)
	}
	l.call(t, http.MethodDelete, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/helm-"+l.namespace+"-"+l.name, "", nil)
}

func (l lab) charts(kind string) string {
	return "/apis/helm.cattle.io/v1/namespaces/" + l.namespace + "/" + kind + "/" + l.name
}

// call calls the API server without any code of the module.
func (l lab) call(t *testing.T, method, path, contentType string, body any) (int, map[string]any) {
	t.Helper()
	data, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(context.Background(), method, l.Config.Host+path, strings.NewReader(string(data)))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	response, err := l.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var answer map[string]any
	_ = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer
}

// install creates a HelmChart, and a HelmChartConfig if there is content for it,
// and waits until the simulated nodes run it.
func (l lab) install(t *testing.T, version, values string, config *string) {
	t.Helper()
	if config != nil {
		l.configure(t, *config)
	}
	l.begin(t, version, values)
	l.ready(t, "traefik-"+strings.ReplaceAll(version, "+", "_"))
}

// begin creates a HelmChart.
func (l lab) begin(t *testing.T, version, values string) {
	t.Helper()
	chart := map[string]any{"apiVersion": "helm.cattle.io/v1", "kind": "HelmChart", "metadata": map[string]any{"name": l.name},
		"spec": map[string]any{"chart": archive(t, "traefik-"+version), "valuesContent": values, "set": map[string]any{"global.systemDefaultRegistry": ""}}}
	status, answer := l.call(t, http.MethodPost, strings.TrimSuffix(l.charts("helmcharts"), "/"+l.name), "application/json", chart)
	require.Equal(t, http.StatusCreated, status, "%v", answer)
}

func archive(t *testing.T, chart string) string {
	return testkit.Env(t, "LAB_CHARTS_URL") + "/" + chart + ".tgz"
}

// named inserts this lab's names into a message.
func (l lab) named(message string) string {
	return strings.NewReplacer("NAMESPACE", l.namespace, "NAME", l.name).Replace(message)
}

func (l lab) configure(t *testing.T, values string) {
	t.Helper()
	config := map[string]any{"apiVersion": "helm.cattle.io/v1", "kind": "HelmChartConfig", "metadata": map[string]any{"name": l.name},
		"spec": map[string]any{"valuesContent": values}}
	status, answer := l.call(t, http.MethodPost, strings.TrimSuffix(l.charts("helmchartconfigs"), "/"+l.name), "application/json", config)
	require.Equal(t, http.StatusCreated, status, "%v", answer)
}

// patch changes the HelmChart or the HelmChartConfig.
func (l lab) patch(t *testing.T, kind string, patch map[string]any) {
	t.Helper()
	status, answer := l.call(t, http.MethodPatch, l.charts(kind), "application/merge-patch+json", patch)
	require.Equal(t, http.StatusOK, status, "%v", answer)
}

// ready waits for a Deployment of that chart whose pods are running.
func (l lab) ready(t *testing.T, chart string) {
	t.Helper()
	l.runs(t, l.name+"-traefik", chart)
}

func (l lab) runs(t *testing.T, deployment, chart string) {
	t.Helper()
	require.Eventually(t, func() bool {
		d, err := l.clients.Apps.Deployments(l.namespace).Get(t.Context(), deployment, meta.GetOptions{})
		return err == nil && d.Labels["helm.sh/chart"] == chart && d.Status.ObservedGeneration == d.Generation &&
			d.Status.UpdatedReplicas == 1 && d.Status.AvailableReplicas == 1
	}, patience, 500*time.Millisecond, "Traefik of %s is not ready", chart)
}

func (l lab) task(options map[string]any) testkit.Task {
	all := map[string]any{"kubeconfig": l.Kubeconfig, "namespace": l.namespace, "name": l.name, "endpoints": map[string]any{
		"otlp_http": "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces",
		"otlp_grpc": "tempo-distributor.tracing.svc.cluster.local:4317",
		"zipkin":    "http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans",
	}}
	return testkit.Task{New: traefik.New, Options: all}.With(options)
}

// about are the arguments and variables of Traefik's container that this module
// sets, as the API server has them.
func (l lab) about(t *testing.T) (args []string, env map[string]string) {
	t.Helper()
	d, err := l.clients.Apps.Deployments(l.namespace).Get(context.Background(), l.name+"-traefik", meta.GetOptions{})
	require.NoError(t, err)
	return about(d)
}

func about(d *apps.Deployment) (args []string, env map[string]string) {
	container, env := d.Spec.Template.Spec.Containers[0], map[string]string{}
	for _, arg := range container.Args {
		if strings.HasPrefix(arg, "--tracing") || strings.HasPrefix(arg, "--accesslog") || strings.HasPrefix(arg, "--experimental.otlp") {
			args = append(args, arg)
		}
	}
	for _, variable := range container.Env {
		value := variable.Value
		if variable.ValueFrom != nil && variable.ValueFrom.FieldRef != nil {
			value = variable.ValueFrom.FieldRef.FieldPath
		}
		env[variable.Name] = value
	}
	return args, env
}

// config reads the HelmChartConfig; nil if there is none.
func (l lab) config(t *testing.T) *kube.HelmChartConfig {
	t.Helper()
	charts, err := l.clients.HelmCharts()
	require.NoError(t, err)
	config, err := charts.Config(t.Context(), l.namespace, l.name)
	require.NoError(t, err)
	return config
}

// patience is how long a test waits for the cluster, which shares its machine
// with other tests.
const patience = 5 * time.Minute
