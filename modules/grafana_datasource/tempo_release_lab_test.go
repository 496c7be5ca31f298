// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// tempoService makes the Service of a Tempo in a namespace of its own.
func tempoService(t *testing.T) (namespace string) {
	t.Helper()
	ctx, client := context.Background(), cluster(t).CoreV1()
	namespace = testkit.Name("tracing")
	_, err := client.Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Namespaces().Delete(ctx, namespace, meta.DeleteOptions{}) })
	_, err = client.Services(namespace).Create(ctx, &core.Service{
		ObjectMeta: meta.ObjectMeta{Name: "tempo", Labels: map[string]string{"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": "tempo", "helm.sh/chart": "tempo-2.2.4"}},
		Spec:       core.ServiceSpec{Ports: []core.ServicePort{{Name: "tempo-prom-metrics", Port: 3200}}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Services(namespace).Delete(ctx, "tempo", meta.DeleteOptions{}) })
	return namespace
}

func TestNamedTempoIsFoundInTheCluster(t *testing.T) {
	l := newLab(t)
	first, second := tempoService(t), tempoService(t)
	named := func(namespace string) testkit.Task {
		return l.task(tempo).With(data{"ds_url": nil, "kubeconfig": testkit.Env(t, "KUBECONFIG"), "tempo_namespace": namespace, "tempo_release": "tempo"})
	}
	for _, namespace := range []string{first, second} {
		testkit.FourRuns(t, named(namespace))
		require.Equal(t, "http://tempo."+namespace+".svc.cluster.local:3200", l.source("tempo")["url"])
	}
	nowhere := testkit.Name("nowhere")
	failed := testkit.Failed(t, named(nowhere).Apply(t))
	require.Contains(t, failed, "conflict: find Tempo for data source tempo: no release tempo in namespace "+nowhere+" answers queries, but there is ")
	require.Contains(t, failed, first+"/tempo")
	require.Contains(t, failed, second+"/tempo")
	require.Equal(t, "http://tempo."+second+".svc.cluster.local:3200", l.source("tempo")["url"])
}
