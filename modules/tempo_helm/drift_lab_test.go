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

// What somebody changes outside Helm is reported by object and field, and
// corrected only on request.
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
	require.Contains(t, result["warnings"], "somebody changed release tempo outside Helm: configmap/tempo-config (data.tempo.yaml), "+
		"deployment/tempo-querier (spec.replicas), service/tempo-query-frontend (missing). Set drift: correct to correct it, or drift: ignore to silence this warning")
	result = testkit.Unchanged(t, task.With(map[string]any{"drift": "ignore"}).Apply(t))
	require.Equal(t, []any{}, result["drift"])

	before, after := testkit.Diff(t, testkit.Changed(t, task.Check(t)))
	require.Contains(t, before, "spec.replicas: 3")
	require.Contains(t, after, "spec.replicas: 1")
	testkit.FourRuns(t, task)
	lab.restored(t)
	require.Len(t, lab.history(t), 1, "correcting drift is not a new revision")
	require.Equal(t, []any{}, testkit.Unchanged(t, report.Apply(t))["drift"])
}

// A run never says ok about a release of which nothing runs.
func TestEverythingMissing(t *testing.T) {
	t.Parallel()
	for _, drift := range []string{"report", "correct"} {
		t.Run(drift, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, map[string]any{"drift": drift})
			testkit.Changed(t, task.Apply(t))
			lab.empty(t)
			result := testkit.Changed(t, task.Check(t))
			_, after := testkit.Diff(t, result)
			require.Contains(t, after, "statefulset/tempo")
			require.Contains(t, after, "serviceaccount/tempo", "pods need what is not compared otherwise")
			if drift == "report" {
				require.Contains(t, result["warnings"], "somebody deleted parts of release tempo, which are recreated: configmap/tempo, service/tempo, serviceaccount/tempo, statefulset/tempo")
			}
			testkit.FourRuns(t, task)
			lab.ready(t, 0, 1)
			require.Len(t, lab.history(t), 1, "there is no new revision")
		})
	}
}

// With drift ignored there is a warning if Tempo cannot be ready, but not if
// the task does not wait.
func TestMissingWorkloadWithDriftIgnored(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"drift": "ignore"})
	testkit.Changed(t, task.Apply(t))
	require.NoError(t, lab.client.AppsV1().StatefulSets(lab.namespace).Delete(t.Context(), "tempo", meta.DeleteOptions{}))
	require.Contains(t, testkit.Unchanged(t, task.Check(t))["warnings"], "release tempo cannot be ready: statefulset/tempo is gone")
	require.Equal(t, "conflict: release "+lab.namespace+"/tempo cannot be ready: statefulset/tempo is gone", testkit.Failed(t, task.Apply(t)))
	testkit.Unchanged(t, task.With(map[string]any{"wait": false}).Apply(t))
}

func TestScaledToNothing(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, nil)
	testkit.Changed(t, task.Apply(t))
	_, err := lab.client.AppsV1().StatefulSets(lab.namespace).Patch(t.Context(), "tempo", types.MergePatchType, []byte(`{"spec":{"replicas":0}}`), meta.PatchOptions{})
	require.NoError(t, err)
	require.Equal(t, "conflict: release "+lab.namespace+"/tempo cannot be ready: statefulset/tempo is scaled to 0 pods, not 1", testkit.Failed(t, task.Apply(t)))
	testkit.Unchanged(t, task.With(map[string]any{"wait": false}).Apply(t))
	testkit.Unchanged(t, task.With(map[string]any{"drift": "ignore"}).Apply(t))
	testkit.FourRuns(t, task.With(map[string]any{"drift": "correct"}))
	lab.ready(t, 0, 1)
}

// A volume claim has its kind in only some answers of the API server.
func TestVolumesAreNotDrift(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"monolithic": "2.2.4", "microservices": "2.26.2"} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, map[string]any{"mode": name, "chart_version": version, "persistence": map[string]any{"size": "1Gi"}, "wait": false})
			testkit.Changed(t, task.Apply(t))
			for _, drift := range []string{"report", "correct"} {
				result := testkit.Unchanged(t, task.With(map[string]any{"drift": drift}).Apply(t))
				require.Equal(t, []any{}, result["drift"], drift)
				require.NotContains(t, result, "warnings", drift)
			}
		})
	}
}

// empty deletes all objects of the release but its records.
func (l lab) empty(t *testing.T) {
	t.Helper()
	all, one := meta.ListOptions{}, meta.DeleteOptions{}
	require.NoError(t, l.client.AppsV1().Deployments(l.namespace).DeleteCollection(t.Context(), one, all))
	require.NoError(t, l.client.AppsV1().StatefulSets(l.namespace).DeleteCollection(t.Context(), one, all))
	require.NoError(t, l.client.CoreV1().ConfigMaps(l.namespace).DeleteCollection(t.Context(), one, all))
	require.NoError(t, l.client.CoreV1().ServiceAccounts(l.namespace).DeleteCollection(t.Context(), one, all))
	services, err := l.client.CoreV1().Services(l.namespace).List(t.Context(), all)
	require.NoError(t, err)
	for _, service := range services.Items {
		require.NoError(t, l.client.CoreV1().Services(l.namespace).Delete(t.Context(), service.Name, one))
	}
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
	require.Equal(t, "not the chart's", config.Data["theirs"], "only what the chart sets is corrected")
	querier, err := l.client.AppsV1().Deployments(l.namespace).Get(t.Context(), "tempo-querier", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, int32(1), *querier.Spec.Replicas)
	require.Equal(t, "x", querier.Annotations["theirs"])
	service, err := l.client.CoreV1().Services(l.namespace).Get(t.Context(), "tempo-query-frontend", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "tempo", service.Annotations["meta.helm.sh/release-name"], "Helm must accept it as its own")
}
