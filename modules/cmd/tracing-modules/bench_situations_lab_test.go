// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package main

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// store is bucket, user and policy in the lab's MinIO.
func store(b *testing.B) situation {
	proxy := testkit.NewProxy(b, testkit.Env(b, "LAB_MINIO_URL"))
	s := situation{module: "minio_tempo_bucket", requests: proxy.Requests, limit: limit{cpu: 150, peak: 60}, options: map[string]any{
		"endpoint": proxy.URL, "access_key": testkit.Env(b, "LAB_MINIO_ROOT_USER"), "secret_key": testkit.Env(b, "LAB_MINIO_ROOT_PASSWORD"),
		"bucket": testkit.Name("tempo"), "user": testkit.Name("user"), "user_secret_key": testkit.Secret(), "region": "eu-west-1",
	}}
	b.Cleanup(func() { s.with("state", "absent", "remove_bucket", true).run(b, 0) })
	return s
}

// source is a data source for Tempo in the lab's Grafana.
func source(b *testing.B) situation {
	proxy := testkit.NewProxy(b, testkit.Env(b, "LAB_GRAFANA_URL"))
	uid := testkit.Name("tempo")
	s := situation{module: "grafana_datasource", requests: proxy.Requests, limit: limit{cpu: 60, peak: 40}, options: map[string]any{
		"grafana_url": proxy.URL, "grafana_user": testkit.Env(b, "LAB_GRAFANA_USER"), "grafana_password": testkit.Env(b, "LAB_GRAFANA_PASSWORD"),
		"name": uid, "uid": uid, "ds_type": "tempo", "ds_url": "http://tempo-query-frontend.tracing.svc.cluster.local:3100", "check_health": false,
	}}
	b.Cleanup(func() { s.with("state", "absent").run(b, 0) })
	return s
}

// manifest is a ConfigMap in a namespace of its own.
func manifest(b *testing.B) situation {
	return applied(b, testkit.NewCluster(b), testkit.Name("bench"), `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: NAMESPACE}
data: {a: b}
`)
}

// applied are objects in a namespace of their own, which goes with the benchmark.
func applied(b *testing.B, cluster *testkit.Cluster, namespace, definition string) situation {
	s := situation{module: "k8s_apply", requests: cluster.Requests, options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "namespace": namespace, "wait_timeout": "3m",
		"definition": strings.ReplaceAll("apiVersion: v1\nkind: Namespace\nmetadata: {name: NAMESPACE, labels: {for: bench}}\n---"+definition, "NAMESPACE", namespace),
	}}
	b.Cleanup(func() { s.with("state", "absent").run(b, 0) })
	s.run(b, 0)
	return s
}

// tempo is Tempo in one pod.
func tempo(b *testing.B) situation {
	cluster, namespace := testkit.NewCluster(b), testkit.Name("tempo")
	applied(b, cluster, namespace, "")
	return situation{requests: cluster.Requests, limit: limit{cpu: 200, peak: 90}, options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "release_name": "tempo", "release_namespace": namespace, "wait_timeout": "3m",
		"mode": "monolithic", "chart_repo_url": testkit.Env(b, "LAB_CHARTS_URL"), "chart_version": "2.2.4",
		"s3": map[string]any{"bucket": "k3s-tempo", "endpoint": "s3.example.com:9091", "region": "eu-west-1", "access_key": "tempo", "secret_key": testkit.Secret()},
	}}
}

// traefik is a Traefik that k3s' controller installed.
func traefik(b *testing.B) situation {
	cluster, namespace, name := testkit.NewCluster(b), testkit.Name("traefik"), testkit.Name("edge")
	applied(b, cluster, namespace, `
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: `+name+`, namespace: NAMESPACE}
spec:
  chart: `+testkit.Env(b, "LAB_CHARTS_URL")+`/traefik-41.4.2+up41.4.0.tgz
  set: {global.systemDefaultRegistry: ""}
`)
	b.Cleanup(func() { uninstall(b, cluster, "/apis/helm.cattle.io/v1/namespaces/"+namespace+"/helmcharts/"+name) })
	clients, err := kube.NewClients(cluster.Config)
	require.NoError(b, err)
	require.Eventually(b, func() bool {
		found, err := clients.Apps.Deployments(namespace).Get(context.Background(), name+"-traefik", meta.GetOptions{})
		return err == nil && found.Status.AvailableReplicas == 1
	}, 3*time.Minute, 500*time.Millisecond, "Traefik is not ready")
	return situation{requests: cluster.Requests, limit: limit{cpu: 150}, options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "namespace": namespace, "name": name,
		"endpoints": map[string]any{"otlp_http": "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces"},
	}}
}

// uninstall removes a HelmChart as kubectl does, and waits for the controller,
// whose job must have run before its namespace goes.
func uninstall(b *testing.B, cluster *testkit.Cluster, path string) {
	client, err := rest.HTTPClientFor(cluster.Config)
	require.NoError(b, err)
	require.Eventually(b, func() bool {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, cluster.Config.Host+path, nil)
		if err != nil {
			return false
		}
		answer, err := client.Do(request)
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusNotFound
	}, 3*time.Minute, time.Second, "the HelmChart is not gone")
}

// with is the situation with some options changed, as pairs.
func (s situation) with(pairs ...any) situation {
	options := maps.Clone(s.options)
	for i := 0; i < len(pairs); i += 2 {
		options[pairs[i].(string)] = pairs[i+1]
	}
	s.options = options
	return s
}
