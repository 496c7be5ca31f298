// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// What somebody changes behind Helm's back is told by object and field, and set
// right only when that is asked for.
func TestDrift(t *testing.T) {
	lab := newLab(t)
	task := lab.distributed(t, "2.26.2", map[string]any{"resources": "raspberrypi", "drift": "correct"})
	testkit.Changed(t, task.Apply(t))
	lab.disturb(t)

	report := task.With(map[string]any{"drift": "report"})
	lab.Requests()
	result := testkit.Unchanged(t, report.Apply(t))
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "a report writes nothing")
	require.Equal(t, []any{
		map[string]any{"object": "configmap/tempo-config", "state": "changed", "fields": []any{"data.tempo.yaml"}},
		map[string]any{"object": "deployment/tempo-querier", "state": "changed", "fields": []any{"spec.replicas"}},
		map[string]any{"object": "service/tempo-query-frontend", "state": "missing", "fields": []any{}},
	}, result["drift"])
	require.Contains(t, result["warnings"], "somebody changed release tempo behind Helm's back: configmap/tempo-config (data.tempo.yaml), "+
		"deployment/tempo-querier (spec.replicas), service/tempo-query-frontend (missing). Set drift: correct to set it right, drift: ignore not to be told")
	result = testkit.Unchanged(t, task.With(map[string]any{"drift": "ignore"}).Apply(t))
	require.Equal(t, []any{}, result["drift"])

	before, after := testkit.Diff(t, testkit.Changed(t, task.Check(t)))
	require.Contains(t, before, "spec.replicas: 3")
	require.Contains(t, after, "spec.replicas: 1")
	testkit.FourRuns(t, task)
	lab.restored(t)
	require.Len(t, lab.history(t), 1, "setting right is no new revision")
	require.Equal(t, []any{}, testkit.Unchanged(t, report.Apply(t))["drift"])
}

func (l lab) disturb(t *testing.T) {
	t.Helper()
	config, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(t.Context(), "tempo-config", meta.GetOptions{})
	require.NoError(t, err)
	config.Data["tempo.yaml"] = "server: {}\n"
	config.Data["theirs"] = "not the chart's"
	_, err = l.client.CoreV1().ConfigMaps(l.namespace).Update(t.Context(), config, meta.UpdateOptions{FieldManager: "them"})
	require.NoError(t, err)
	_, err = l.client.AppsV1().Deployments(l.namespace).Patch(t.Context(), "tempo-querier", types.StrategicMergePatchType,
		[]byte(`{"metadata":{"annotations":{"theirs":"x"}},"spec":{"replicas":3}}`), meta.PatchOptions{FieldManager: "them"})
	require.NoError(t, err)
	require.NoError(t, l.client.CoreV1().Services(l.namespace).Delete(t.Context(), "tempo-query-frontend", meta.DeleteOptions{}))
}

func (l lab) restored(t *testing.T) {
	t.Helper()
	config, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(t.Context(), "tempo-config", meta.GetOptions{})
	require.NoError(t, err)
	require.Contains(t, config.Data["tempo.yaml"], "k3s-tempo")
	require.Equal(t, "not the chart's", config.Data["theirs"], "only what the chart sets is set right")
	querier, err := l.client.AppsV1().Deployments(l.namespace).Get(t.Context(), "tempo-querier", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, int32(1), *querier.Spec.Replicas)
	require.Equal(t, "x", querier.Annotations["theirs"])
	service, err := l.client.CoreV1().Services(l.namespace).Get(t.Context(), "tempo-query-frontend", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "tempo", service.Annotations["meta.helm.sh/release-name"], "Helm must take it for its own")
}
