// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// lab is one namespace of the lab's cluster, with a client of its own to check
// it independently of the module.
type lab struct {
	*testkit.Cluster
	namespace string
	client    kubernetes.Interface
}

func newLab(t *testing.T) lab {
	t.Helper()
	t.Parallel() // each test has a namespace of its own, so that none waits for another
	cluster := testkit.NewCluster(t)
	client, err := kubernetes.NewForConfig(cluster.Config)
	require.NoError(t, err)
	lab := lab{cluster, testkit.Name("tempo"), client}
	t.Cleanup(func() {
		err := client.CoreV1().Namespaces().Delete(context.Background(), lab.namespace, meta.DeleteOptions{})
		require.True(t, err == nil || apierrors.IsNotFound(err), "%v", err)
	})
	return lab
}

const (
	accessKey = testkit.Canary + "access"
	secretKey = testkit.Canary + "secret"
)

// task is Tempo 2.10 in one pod, the smallest release; a test adds what else it
// needs.
func (l lab) task(t *testing.T, more map[string]any) testkit.Task {
	t.Helper()
	return testkit.Task{New: registry.Modules["tempo_helm"], Options: map[string]any{
		"kubeconfig": l.Kubeconfig, "release_name": "tempo", "release_namespace": l.namespace, "wait_timeout": "2m",
		"mode": "monolithic", "chart_repo_url": testkit.Env(t, "LAB_CHARTS_URL"), "chart_version": "2.2.4", "s3": s3(nil),
	}}.With(more)
}

// distributed is Tempo in microservices mode, with the same number of pods in
// each version of the chart.
func (l lab) distributed(t *testing.T, version string, more map[string]any) testkit.Task {
	t.Helper()
	return l.task(t, map[string]any{"mode": "microservices", "chart_version": version, "traceql_metrics": false}).With(more)
}

func s3(more map[string]any) map[string]any {
	options := map[string]any{"bucket": "k3s-tempo", "endpoint": "s3.example.com:9091", "region": "eu-west-1", "access_key": accessKey, "secret_key": secretKey}
	for name, value := range more {
		options[name] = value
		if value == nil {
			delete(options, name)
		}
	}
	return options
}

// makeNamespace creates the namespace before the module does.
func (l lab) makeNamespace(t *testing.T) {
	t.Helper()
	_, err := l.client.CoreV1().Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: l.namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
}

// ready requires every workload of the release to run all of its pods.
func (l lab) ready(t *testing.T, deployments, sets int) {
	t.Helper()
	all, err := l.client.AppsV1().Deployments(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	require.Len(t, all.Items, deployments)
	for _, d := range all.Items {
		require.Equal(t, *d.Spec.Replicas, d.Status.ReadyReplicas, d.Name)
		require.Equal(t, *d.Spec.Replicas, d.Status.UpdatedReplicas, d.Name)
	}
	stateful, err := l.client.AppsV1().StatefulSets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	require.Len(t, stateful.Items, sets)
	for _, s := range stateful.Items {
		require.Equal(t, *s.Spec.Replicas, s.Status.ReadyReplicas, s.Name)
	}
}

// released requires the result to report a deployed revision.
func released(t *testing.T, result wire.Result, chart string, revision int) {
	t.Helper()
	release, _ := result["release"].(map[string]any)
	require.Equal(t, "deployed", release["status"])
	require.Equal(t, chart, release["chart"])
	require.Equal(t, float64(revision), release["revision"])
}

// endpoint is one of the addresses in a result.
func endpoint(result wire.Result, name string) any {
	endpoints, _ := result["endpoints"].(map[string]any)
	return endpoints[name]
}

// Most of a test's time is spent waiting for pods, not on a processor.
const together = "16"

func TestMain(m *testing.M) {
	if testkit.Program(registry.Modules["tempo_helm"]) {
		return
	}
	flag.Parse()
	if err := flag.Set("test.parallel", together); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
