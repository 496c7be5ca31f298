// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// monolithicWrites are key, lease, record, service account, configuration,
// Service, StatefulSet, both records, lease.
const monolithicWrites = 10

func (l lab) killedMonolithic(t *testing.T, round int) testkit.Task {
	t.Helper()
	return l.task(t, map[string]any{"chart_version": []string{"2.2.4", "1.24.4"}[round%2], "retention": retention(round), "receivers": []any{"otlp_grpc"},
		"s3": s3(map[string]any{"secret_key": fmt.Sprint(secretKey, round)}), "values": map[string]any{"podLabels": mark(round)}})
}

func (l lab) endedMonolithic(t *testing.T, round int, dead string) {
	t.Helper()
	require.Equal(t, retention(round), l.newest(t).config["tempo"].(map[string]any)["retention"], dead)
	l.ready(t, 0, 1)
	marked(t, l.pod(t).Labels, round, dead)
}

// distributedWrites are the same in microservices mode, with an object for each
// component, fewer where one does not change.
const distributedWrites = 20

// killedDistributed has the metrics generator in every second round, so that
// objects are also created and removed. No wait is longer than its pod needs.
func (l lab) killedDistributed(t *testing.T, round int) testkit.Task {
	t.Helper()
	values := map[string]any{"tempo": map[string]any{"podLabels": mark(round)}}
	for _, component := range []string{"compactor", "distributor", "querier", "queryFrontend", "metricsGenerator"} {
		values[component] = map[string]any{"minReadySeconds": 0}
	}
	task := l.distributed(t, []string{"1.61.3", "1.41.0"}[round%2], map[string]any{"retention": retention(round), "receivers": []any{"otlp_grpc"},
		"resources": "raspberrypi", "s3": s3(map[string]any{"secret_key": fmt.Sprint(secretKey, round)}), "values": values})
	if round%2 == 0 {
		return task
	}
	return task.With(map[string]any{"metrics_generator": map[string]any{"remote_write_url": "http://prometheus:9090/api/v1/write"}})
}

func (l lab) endedDistributed(t *testing.T, round int, dead string) {
	t.Helper()
	compactor := l.newest(t).config["compactor"].(map[string]any)["config"].(map[string]any)["compaction"].(map[string]any)
	require.Equal(t, retention(round), compactor["block_retention"], dead)
	l.ready(t, 4+round%2, 2)
	pods, err := l.client.CoreV1().Pods(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil {
			marked(t, pod.Labels, round, dead+", pod "+pod.Name)
		}
	}
	services, err := l.client.CoreV1().Services(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "app.kubernetes.io/component=metrics-generator"})
	require.NoError(t, err)
	require.Equal(t, round%2 == 1, len(services.Items) > 0, "killed at %s: nothing is left of other revisions", dead)
}

func retention(round int) string { return fmt.Sprintf("%dh", 24+round) }

func mark(round int) map[string]any { return map[string]any{fmt.Sprint("round-", round): "x"} }
