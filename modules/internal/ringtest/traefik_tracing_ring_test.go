// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// edge is k3s' Traefik in a namespace of its own: its HelmChart and its
// Deployment, on which no controller and no Job acts.
type edge struct {
	testkit.Task
	*testkit.Cluster
	objects   *kube.Objects
	charts    kube.HelmCharts
	namespace string
}

func (e edge) apply(t *testing.T, text string) {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &object.Object))
	if object.GetKind() != "CustomResourceDefinition" {
		object.SetNamespace(e.namespace)
	}
	_, err := e.objects.Apply(t.Context(), object, kube.Applying{Manager: "ring", Force: true})
	require.NoError(t, err)
}

func newEdge(t *testing.T, arguments string) edge {
	t.Helper()
	cluster := testkit.NewCluster(t)
	clients, err := kube.NewClients(cluster.Config)
	require.NoError(t, err)
	e := edge{Cluster: cluster, namespace: testkit.Name("ring-traefik")}
	e.objects, err = kube.NewObjects(cluster.Config, "")
	require.NoError(t, err)
	e.charts, err = clients.HelmCharts()
	require.NoError(t, err)
	_, err = clients.Core.Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: e.namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
	for kind, definition := range testkit.HelmKinds {
		e.apply(t, definition)
		require.Eventually(t, func() bool {
			e.objects.Forget()
			_, known, err := e.objects.Kind(t.Context(), kube.Ref{APIVersion: "helm.cattle.io/v1", Kind: kind})
			return err == nil && known
		}, time.Minute, 100*time.Millisecond)
	}
	nowhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nowhere.Close)
	e.apply(t, `{apiVersion: helm.cattle.io/v1, kind: HelmChart, metadata: {name: edge}, spec: {chart: "`+nowhere.URL+`/traefik-39.0.701+up39.0.7.tgz"}}`)
	e.apply(t, `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge-traefik
  labels: {app.kubernetes.io/name: traefik, app.kubernetes.io/instance: edge-`+e.namespace+`, helm.sh/chart: traefik-39.0.701_up39.0.7}
  annotations: {meta.helm.sh/release-name: edge, meta.helm.sh/release-namespace: `+e.namespace+`}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, app.kubernetes.io/name: traefik, app.kubernetes.io/instance: edge-`+e.namespace+`}}
    spec: {containers: [{name: traefik, image: "traefik:v3.6.13", args: [`+arguments+`]}]}
`)
	e.Task = testkit.Task{New: registry.Modules["traefik_tracing"], Options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "namespace": e.namespace, "name": "edge", "wait": false,
		"endpoints": map[string]any{"otlp_http": "http://tempo.tracing.svc.cluster.local:4318/v1/traces"},
	}}
	return e
}

func (e edge) values(t *testing.T) string {
	t.Helper()
	config, err := e.charts.Config(t.Context(), e.namespace, "edge")
	require.NoError(t, err)
	if config == nil {
		return ""
	}
	return config.Spec.ValuesContent
}

func (e edge) absent() testkit.Task { return e.With(map[string]any{"state": "absent"}) }

// The values are written, changed, and removed again.
func TestSettingsOfTraefik(t *testing.T) {
	e := newEdge(t, `"--ping=true"`)
	testkit.Unchanged(t, e.absent().Apply(t))
	result := testkit.FourRuns(t, e.Task)
	require.Contains(t, e.values(t), "http://tempo.tracing.svc.cluster.local:4318/v1/traces")
	require.Contains(t, result["warnings"], "HelmChartConfig "+e.namespace+"/edge: it is not known whether the settings arrive, since wait is false")
	testkit.FourRuns(t, e.With(map[string]any{"sample_rate": 0.5}))
	waiting := e.absent().With(map[string]any{"wait": true})
	_, after := testkit.Diff(t, testkit.Changed(t, waiting.Check(t)))
	require.NotContains(t, after, "tempo.tracing")
	testkit.FourRuns(t, e.absent())
	require.Empty(t, e.values(t))
}

// The user's own values stay, and are restored exactly.
func TestTraefikWithTheUsersValues(t *testing.T) {
	e := newEdge(t, `"--ping=true"`)
	e.apply(t, "{apiVersion: helm.cattle.io/v1, kind: HelmChartConfig, metadata: {name: edge}, spec: {valuesContent: \"deployment:\\n  replicas: 2\\n\"}}")
	testkit.FourRuns(t, e.Task)
	require.Contains(t, e.values(t), "replicas: 2")
	testkit.FourRuns(t, e.absent())
	require.Equal(t, "deployment:\n  replicas: 2\n", e.values(t))
}

// Settings that somebody made in other ways are reported, not removed.
func TestTraefikWithForeignTracing(t *testing.T) {
	e := newEdge(t, `"--tracing.otlp=true"`)
	result := testkit.Unchanged(t, e.absent().Apply(t))
	require.Contains(t, result["warnings"], "HelmChartConfig "+e.namespace+"/edge: there are tracing or access-log settings that this module did not make; they stay")
}

// A chart that a GitOps tool manages is left to it.
func TestTraefikManagedByGitOps(t *testing.T) {
	e := newEdge(t, `"--ping=true"`)
	testkit.Changed(t, e.Apply(t))
	config := kube.Ref{APIVersion: "helm.cattle.io/v1", Kind: "HelmChartConfig", Namespace: e.namespace, Name: "edge"}
	live, err := e.objects.Get(t.Context(), config)
	require.NoError(t, err)
	require.NotNil(t, live)
	e.apply(t, "{apiVersion: helm.cattle.io/v1, kind: HelmChartConfig, metadata: {name: edge, labels: {kustomize.toolkit.fluxcd.io/name: apps, kustomize.toolkit.fluxcd.io/namespace: flux-system}}}")
	e.Requests()
	for name, task := range map[string]testkit.Task{"absent": e.absent(), "changed": e.With(map[string]any{"sample_rate": 0.5})} {
		require.Contains(t, testkit.Failed(t, task.Apply(t)), "belongs to Flux' Kustomization flux-system/apps, which would undo the change", name)
	}
	require.Empty(t, testkit.KubeWrites(e.Requests()))
	testkit.FourRuns(t, e.absent().With(map[string]any{"force": true}))
}

// A second Tempo, such as the old one during a move, hides neither the field with
// the trace ID, which Grafana's link uses, nor the Tempo that a task names.
func TestTraefikWithTwoTempos(t *testing.T) {
	e := newEdge(t, `"--ping=true"`)
	for _, release := range []string{"old", "new"} {
		e.apply(t, `{apiVersion: v1, kind: Service, metadata: {name: `+release+`, labels: {app.kubernetes.io/name: tempo, app.kubernetes.io/instance: `+release+`,
  app.kubernetes.io/component: distributor, app.kubernetes.io/version: 2.9.0}}, spec: {ports: [{name: otlp-http, port: 4318}]}}`)
	}
	finding := e.With(map[string]any{"endpoints": nil})
	result := finding.Check(t)
	require.Contains(t, testkit.Failed(t, result), "find Tempo: there are ")
	require.Equal(t, "trace_id", result["trace_id_field"])

	result = testkit.FourRuns(t, finding.With(map[string]any{"tempo_namespace": e.namespace, "tempo_release": "new"}))
	require.Equal(t, "trace_id", result["trace_id_field"])
	require.Contains(t, e.values(t), "http://new."+e.namespace+".svc.cluster.local:4318/v1/traces")
}
