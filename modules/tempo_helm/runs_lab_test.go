// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Check, apply, check and apply again: changed, changed, ok, ok, and an
// independent check of the outcome.
func TestFourRuns(t *testing.T) {
	lab := newLab(t)
	task := lab.distributed(t, "2.26.2", map[string]any{
		"resources": "raspberrypi", "namespace_annotations": map[string]any{"linkerd.io/inject": "enabled"},
	})
	testkit.Changed(t, task.Check(t))
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "a check writes nothing")
	_, err := lab.client.CoreV1().Namespaces().Get(t.Context(), lab.namespace, meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err))

	result := testkit.FourRuns(t, task)
	released(t, result, "tempo-distributed-2.26.2", 1)
	require.Equal(t, "tempo-distributor."+lab.namespace+".svc.cluster.local:4317", endpoint(result, "otlp_grpc"))
	require.Equal(t, "http://tempo-query-frontend."+lab.namespace+".svc.cluster.local:3200", endpoint(result, "query"))
	require.Equal(t, "tempo", result["service_account"])

	require.Len(t, lab.history(t), 1)
	require.Equal(t, "tempo-distributed-2.26.2", lab.newest(t).chart)
	lab.ready(t, 4, 2)
	namespace, err := lab.client.CoreV1().Namespaces().Get(t.Context(), lab.namespace, meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "enabled", namespace.Annotations["linkerd.io/inject"])
	credentials, err := lab.client.CoreV1().Secrets(lab.namespace).Get(t.Context(), "tempo-s3-credentials", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, accessKey, string(credentials.Data["AWS_ACCESS_KEY_ID"]))
	require.Equal(t, secretKey, string(credentials.Data["AWS_SECRET_ACCESS_KEY"]))
	distributor, err := lab.client.AppsV1().Deployments(lab.namespace).Get(t.Context(), "tempo-distributor", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "tempo-s3-credentials", distributor.Spec.Template.Spec.Containers[0].EnvFrom[0].SecretRef.Name)
}

// As cron does every hour: no chart repository, and few requests.
func TestUnchangedRunIsCheap(t *testing.T) {
	lab := newLab(t)
	task := lab.distributed(t, "2.26.2", map[string]any{"resources": "raspberrypi"})
	testkit.Changed(t, task.Apply(t))
	lab.Requests()
	testkit.Unchanged(t, task.With(map[string]any{"chart_repo_url": "http://127.0.0.1:1"}).Apply(t))
	requests := lab.Requests()
	require.LessOrEqual(t, len(requests), 6, "%v", requests)
	require.Empty(t, testkit.Writes(requests))
	require.Contains(t, testkit.Failed(t, task.With(map[string]any{"chart_repo_url": "http://127.0.0.1:1", "chart_version": "1.61.3"}).Apply(t)),
		"unreachable: load chart tempo-distributed 1.61.3 from http://127.0.0.1:1: ", "it really is the repository's URL")
}

// Tempo in one pod, from its first chart with credentials to the newest.
func TestMonolithic(t *testing.T) {
	lab := newLab(t)
	options := map[string]any{"persistence": map[string]any{"size": "1Gi"}, "receivers": []any{"otlp_grpc", "otlp_http", "zipkin"}}
	result := testkit.FourRuns(t, lab.task(t, options).With(map[string]any{"chart_version": "0.16.6"}))
	require.Equal(t, "http://tempo."+lab.namespace+".svc.cluster.local:3100", endpoint(result, "query"))
	result = testkit.FourRuns(t, lab.task(t, options))
	released(t, result, "tempo-2.2.4", 2)
	require.Equal(t, map[string]any{
		"otlp_grpc": "tempo." + lab.namespace + ".svc.cluster.local:4317",
		"otlp_http": "http://tempo." + lab.namespace + ".svc.cluster.local:4318/v1/traces",
		"zipkin":    "http://tempo." + lab.namespace + ".svc.cluster.local:9411/api/v2/spans",
		"query":     "http://tempo." + lab.namespace + ".svc.cluster.local:3200",
		// the chart requires at least one of Jaeger's protocols
		"jaeger_grpc": "tempo." + lab.namespace + ".svc.cluster.local:14250",
	}, result["endpoints"])
	lab.ready(t, 0, 1)
}

// Tempo 3 writes through the configured broker.
func TestKafka(t *testing.T) {
	lab := newLab(t)
	result := testkit.FourRuns(t, lab.distributed(t, "3.3.0", map[string]any{"kafka": map[string]any{"address": "kafka.kafka:9092", "partitions": 2}}))
	released(t, result, "tempo-distributed-3.3.0", 1)
	store, err := lab.client.AppsV1().StatefulSets(lab.namespace).Get(t.Context(), "tempo-live-store", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, int32(2), store.Status.ReadyReplicas, "one live store for each partition")
	config, err := lab.client.CoreV1().ConfigMaps(lab.namespace).Get(t.Context(), "tempo-config", meta.GetOptions{})
	require.NoError(t, err)
	require.Contains(t, config.Data["tempo.yaml"], "kafka.kafka:9092")
}
