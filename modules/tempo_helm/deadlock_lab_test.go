// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// On a single node the new distributor of chart 0.27.9 cannot run beside the old
// one, which stays until the new one is ready: the update would never finish.
func TestUpgradeOnOneNode(t *testing.T) {
	lab := newLab(t)
	task := lab.distributed(t, "0.27.9", map[string]any{"resources": "raspberrypi", "receivers": []any{"otlp_grpc"},
		"node_selector": map[string]any{"kubernetes.io/hostname": "pi1"}})
	testkit.Changed(t, task.Apply(t))
	change := task.With(map[string]any{"log_received_spans": true})
	anew := "deployment/tempo-distributor is deleted and recreated by the upgrade, since it cannot be changed in place: " +
		"no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already"
	require.Contains(t, testkit.FourRuns(t, change)["warnings"], anew)
	lab.ready(t, 4, 2)

	// An update that timed out in another Helm client is repaired too.
	lab.stall(t)
	require.Contains(t, testkit.Changed(t, change.Apply(t))["warnings"], anew)
	lab.ready(t, 4, 2)
	require.NotContains(t, testkit.Changed(t, change.With(map[string]any{"chart_version": "1.40.0"}).Apply(t))["warnings"], anew, "its strategy stops the old pod first")
	lab.ready(t, 4, 2)
}

// With as many pods as nodes there is an option to set.
func TestUpgradeWithoutRoom(t *testing.T) {
	lab := newLab(t)
	task := lab.distributed(t, "0.27.9", map[string]any{"resources": "raspberrypi", "receivers": []any{"otlp_grpc"}, "replicas": map[string]any{"distributor": 3}})
	testkit.Changed(t, task.Apply(t))
	change := task.With(map[string]any{"log_received_spans": true})
	lab.Requests()
	result := change.Apply(t)
	require.Equal(t, "unsupported: the update of deployment/tempo-distributor would never end: no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already",
		testkit.Failed(t, result))
	require.Equal(t, "set replicas to less than the number of nodes for this upgrade, or a strategy in values where the chart knows one", result["hint"])
	require.Empty(t, testkit.KubeWrites(lab.Requests()))
	testkit.Changed(t, change.With(map[string]any{"replicas": map[string]any{"distributor": 2}}).Apply(t))
	lab.ready(t, 4, 2)
}

// stall leaves the distributor in the middle of an update that cannot finish,
// in a failed revision.
func (l lab) stall(t *testing.T) {
	t.Helper()
	patch := []byte(`{"spec":{"template":{"metadata":{"annotations":{"stalled":"yes"}}}}}`)
	deployments := l.client.AppsV1().Deployments(l.namespace)
	_, err := deployments.Patch(t.Context(), "tempo-distributor", types.StrategicMergePatchType, patch, meta.PatchOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		distributor, err := deployments.Get(t.Context(), "tempo-distributor", meta.GetOptions{})
		return err == nil && distributor.Status.Replicas == 2 && distributor.Status.UpdatedReplicas == 1
	}, patience, quarter)
	l.setStatus(t, l.newest(t), "failed")
}
