// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package linkerd_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
	linkerd "github.com/picluster/tracing/modules/linkerd_tracing"
)

// A stand-in for Linkerd's charts: the names of values and objects, and the
// failures, are those of linkerd2's charts at the tags that package compat
// names; nothing in it proxies anything.
const (
	controlPlane = `
{{- $tracing := .Values.proxy.tracing | default dict }}
apiVersion: v1
kind: ConfigMap
metadata: {name: linkerd-config}
data:
  values: |
    linkerdVersion: {{ .Values.linkerdVersion }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: linkerd-proxy-injector, labels: {linkerd.io/control-plane-component: proxy-injector}}
spec:
  selector: {matchLabels: {app: injector}}
  template:
    metadata: {labels: {app: injector}}
    spec:
      containers:
      - name: injector
        image: injector:1
        env:
        - {name: LOG_LEVEL, value: {{ .Values.proxy.logLevel }}}
        {{- if dig .Values.switch false $tracing }}
        {{- if empty (dig "collector" "meshIdentity" "serviceAccountName" "" $tracing) }}{{ fail "proxy.tracing.collector.meshIdentity.serviceAccountName must be set if proxy tracing is enabled" }}{{ end }}
        {{- if and .Values.split (empty (dig "collector" "meshIdentity" "namespace" "" $tracing)) }}{{ fail "proxy.tracing.collector.meshIdentity.namespace must be set if proxy tracing is enabled" }}{{ end }}
        - {name: LINKERD2_PROXY_TRACE_COLLECTOR_SVC_ADDR, value: {{ $tracing.collector.endpoint | quote }}}
        - {name: LINKERD2_PROXY_TRACE_SERVICE_NAME, value: {{ $tracing.traceServiceName | quote }}}
        - {name: IDENTITY, value: {{ if .Values.split }}{{ $tracing.collector.meshIdentity.serviceAccountName }}.{{ $tracing.collector.meshIdentity.namespace }}{{ else }}{{ $tracing.collector.meshIdentity.serviceAccountName }}{{ end }}}
        {{- end }}
        {{- if dig .Values.mount false $tracing }}
        - {name: PODINFO, value: mounted}
        {{- end }}
`
	extension = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: jaeger-injector, labels: {linkerd.io/extension: jaeger}}
spec:
  selector: {matchLabels: {app: jaeger-injector}}
  template:
    metadata: {labels: {app: jaeger-injector}}
    spec:
      containers:
      - name: jaeger-injector
        image: injector:1
        args:
        - -collector-svc-addr={{ .Values.webhook.collectorSvcAddr }}
        - -collector-svc-account={{ .Values.webhook.collectorSvcAccount }}
{{- if .Values.collector.enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: collector-config}
{{- end }}
`
)

func chart(t *testing.T, name, template, values string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "templates"), 0o700))
	for file, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: " + name + "\nversion: 1.2.3\n", "values.yaml": values, "templates/all.yaml": template,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600))
	}
	return folder
}

// mesh is a Linkerd and a Tempo in namespaces of their own.
type mesh struct {
	*testkit.Cluster
	client                  kubernetes.Interface
	linkerd, jaeger, traces string
}

func newMesh(t *testing.T, version, values string, meshed bool) mesh {
	t.Helper()
	t.Parallel()
	cluster := testkit.NewCluster(t)
	client, err := kubernetes.NewForConfig(cluster.Config)
	require.NoError(t, err)
	m := mesh{cluster, client, testkit.Name("linkerd"), testkit.Name("jaeger"), testkit.Name("tracing")}
	for _, name := range []string{m.linkerd, m.traces} {
		_, err := client.CoreV1().Namespaces().Create(context.Background(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: name}}, meta.CreateOptions{})
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		for _, name := range []string{m.linkerd, m.jaeger, m.traces} {
			_ = client.CoreV1().Namespaces().Delete(context.Background(), name, meta.DeleteOptions{})
		}
	})
	m.install(t, m.linkerd, "control", chart(t, "linkerd-control-plane", controlPlane, "linkerdVersion: "+version+"\nproxy: {logLevel: warn}\n"+values),
		map[string]any{"proxy": map[string]any{"logLevel": "debug"}, "identity": map[string]any{"issuer": map[string]any{"tls": map[string]any{"keyPEM": testkit.Canary + "key"}}}})
	m.tempo(t, meshed)
	return m
}

func (m mesh) install(t *testing.T, namespace, name, folder string, values map[string]any) {
	t.Helper()
	loaded, err := helm.Source{Ref: folder}.Load(context.Background())
	require.NoError(t, err)
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, &clientcmd.ConfigOverrides{})
	client := helm.New(helm.Access{Config: m.Config, Loader: loader, Namespace: namespace, Secrets: m.client.CoreV1().Secrets(namespace)})
	require.NoError(t, client.Install(context.Background(), helm.Deployment{Name: name, Chart: loaded, Values: values, Timeout: 5 * time.Minute}))
}

// tempo is the Service and a pod of a distributor.
func (m mesh) tempo(t *testing.T, meshed bool) {
	t.Helper()
	labels := map[string]string{"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": "tempo", "app.kubernetes.io/component": "distributor"}
	_, err := m.client.CoreV1().Services(m.traces).Create(context.Background(), &core.Service{
		ObjectMeta: meta.ObjectMeta{Name: "tempo-distributor", Labels: labels},
		Spec:       core.ServiceSpec{Selector: labels, Ports: []core.ServicePort{{Name: "grpc-distributor-otlp", Port: 4317}, {Name: "distributor-opencensus", Port: 55678}}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	containers := []core.Container{{Name: "distributor", Image: "tempo:1"}}
	if meshed {
		containers = append(containers, core.Container{Name: "linkerd-proxy", Image: "proxy:1"})
	}
	_, err = m.client.CoreV1().ServiceAccounts(m.traces).Create(context.Background(), &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "tempo-account"}}, meta.CreateOptions{})
	require.NoError(t, err)
	_, err = m.client.CoreV1().Pods(m.traces).Create(context.Background(), &core.Pod{ObjectMeta: meta.ObjectMeta{Name: "distributor", Labels: labels},
		Spec: core.PodSpec{ServiceAccountName: "tempo-account", Containers: containers}}, meta.CreateOptions{})
	require.NoError(t, err)
}

func (m mesh) task(more map[string]any) testkit.Task {
	return testkit.Task{New: linkerd.New, Options: map[string]any{
		"kubeconfig": m.Kubeconfig, "linkerd_namespace": m.linkerd, "jaeger_namespace": m.jaeger, "tempo_namespace": m.traces, "timeout": "5m",
	}}.With(more)
}

// env is the environment of the control plane's injector.
func (m mesh) env(t *testing.T) map[string]string {
	t.Helper()
	deployment, err := m.client.AppsV1().Deployments(m.linkerd).Get(context.Background(), "linkerd-proxy-injector", meta.GetOptions{})
	require.NoError(t, err)
	found := map[string]string{}
	for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
		found[variable.Name] = variable.Value
	}
	return found
}

func TestControlPlane(t *testing.T) {
	cases := map[string]struct {
		reason, version, values string
		identity                string
		podinfo                 string
	}{
		"25.8":  {"a single key for the identity", "edge-25.8.1", "switch: enable\nmount: enable\nsplit: false\n", "tempo-account.TRACES", "mounted"},
		"2.19":  {"the volume follows the old spelling", "edge-25.10.7", "switch: enabled\nmount: enable\nsplit: true\n", "tempo-account.TRACES", "mounted"},
		"newer": {"both follow the new key", "edge-26.8.3", "switch: enabled\nmount: enabled\nsplit: true\n", "tempo-account.TRACES", "mounted"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			mesh := newMesh(t, test.version, test.values, true)
			before := mesh.env(t)
			task := mesh.task(nil)
			testkit.Changed(t, task.Check(t))
			require.Empty(t, testkit.KubeWrites(mesh.Requests()), "a check writes nothing")
			result := testkit.FourRuns(t, task)
			require.Equal(t, test.version, result["version"])
			require.Equal(t, map[string]string{
				"LOG_LEVEL": "debug", "LINKERD2_PROXY_TRACE_COLLECTOR_SVC_ADDR": "tempo-distributor." + mesh.traces + ".svc.cluster.local:4317",
				"LINKERD2_PROXY_TRACE_SERVICE_NAME": "linkerd-proxy", "IDENTITY": strings.Replace(test.identity, "TRACES", mesh.traces, 1), "PODINFO": test.podinfo,
			}, mesh.env(t), test.reason)
			mesh.Requests()
			testkit.Unchanged(t, task.Apply(t))
			require.Empty(t, testkit.Writes(mesh.Requests()))
			testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
			require.Equal(t, before, mesh.env(t), "the previous values are restored")
		})
	}
}

func TestExtensionIsInstalledAndUninstalled(t *testing.T) {
	mesh := newMesh(t, "stable-2.12.2", "switch: enable\nmount: enable\nsplit: false\n", true)
	folder := chart(t, "linkerd-jaeger", extension, "collector: {enabled: true}\njaeger: {enabled: true}\nwebhook: {collectorSvcAddr: x, collectorSvcAccount: y}\n")
	task := mesh.task(map[string]any{"chart_ref": folder})
	testkit.FourRuns(t, task)
	deployment, err := mesh.client.AppsV1().Deployments(mesh.jaeger).Get(context.Background(), "jaeger-injector", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"-collector-svc-addr=tempo-distributor." + mesh.traces + ".svc.cluster.local:55678", "-collector-svc-account=tempo-account"}, deployment.Spec.Template.Spec.Containers[0].Args)
	_, err = mesh.client.CoreV1().ConfigMaps(mesh.jaeger).Get(context.Background(), "collector-config", meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the extension's own collector is disabled")
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	_, err = mesh.client.AppsV1().Deployments(mesh.jaeger).Get(context.Background(), "jaeger-injector", meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err))
}

func TestForeignExtensionKeepsItsValues(t *testing.T) {
	mesh := newMesh(t, "edge-24.11.8", "switch: enable\nmount: enable\nsplit: false\n", true)
	_, err := mesh.client.CoreV1().Namespaces().Create(context.Background(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: mesh.jaeger}}, meta.CreateOptions{})
	require.NoError(t, err)
	folder := chart(t, "linkerd-jaeger", extension, "collector: {enabled: true}\nwebhook: {collectorSvcAddr: x, collectorSvcAccount: y}\n")
	mesh.install(t, mesh.jaeger, "theirs", folder, map[string]any{"webhook": map[string]any{"collectorSvcAddr": "collector.theirs:4317"}})
	task := mesh.task(nil)
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	deployment, err := mesh.client.AppsV1().Deployments(mesh.jaeger).Get(context.Background(), "jaeger-injector", meta.GetOptions{})
	require.NoError(t, err, "the release is not ours to uninstall")
	require.Contains(t, deployment.Spec.Template.Spec.Containers[0].Args, "-collector-svc-addr=collector.theirs:4317")
}

func TestRefusals(t *testing.T) {
	cases := map[string]struct {
		reason, version, values string
		meshed                  bool
		more                    map[string]any
		want                    string
	}{
		"unmeshed":         {"no traces would arrive", "edge-26.8.3", "switch: enabled\nmount: enabled\nsplit: true\n", false, nil, "unsupported: send Linkerd's traces to Tempo: its pods are not in the mesh"},
		"no chart version": {"the version has to match Linkerd", "stable-2.14.10", "switch: enabled\nmount: enabled\nsplit: true\n", true, nil, "usage: install chart linkerd-jaeger: the version that fits Linkerd stable-2.14.10 has to be given"},
		"unknown version":  {"older than the extension", "stable-2.1.0", "switch: enabled\nmount: enabled\nsplit: true\n", true, nil, "unsupported: look at Linkerd: "},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			mesh := newMesh(t, test.version, test.values, test.meshed)
			mesh.Requests()
			require.Contains(t, testkit.Failed(t, mesh.task(test.more).Apply(t)), test.want, test.reason)
			require.Empty(t, testkit.KubeWrites(mesh.Requests()), "refused before anything is written")
		})
	}
}

func TestNoLinkerd(t *testing.T) {
	mesh := newMesh(t, "edge-26.8.3", "switch: enabled\nmount: enabled\nsplit: true\n", true)
	task := mesh.task(map[string]any{"linkerd_namespace": "nowhere"})
	require.Equal(t, false, testkit.Unchanged(t, task.Apply(t))["installed"])
	require.Equal(t, "not_found: find Linkerd: there is none in this cluster", testkit.Failed(t, task.With(map[string]any{"required": true}).Apply(t)))
}
