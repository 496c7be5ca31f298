// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A release that a GitOps tool manages is left to it, unless the task insists.
func TestForeignRelease(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		mark   map[string]any
		owner  string
	}{
		"Flux": {"its post renderer labels each object", map[string]any{"labels": map[string]any{
			"helm.toolkit.fluxcd.io/name": "tempo", "helm.toolkit.fluxcd.io/namespace": "flux-system"}}, "Flux' HelmRelease flux-system/tempo"},
		"Argo CD": {"by its annotation", map[string]any{"annotations": map[string]any{
			"argocd.argoproj.io/tracking-id": "tempo:apps/StatefulSet:tracing/tempo"}}, "Argo CD's Application tempo"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, nil)
			testkit.Changed(t, task.Apply(t))
			lab.mark(t, test.mark)
			testkit.Unchanged(t, task.Apply(t))

			change := task.With(map[string]any{"retention": "48h"})
			lab.Requests()
			for _, result := range []map[string]any{change.Check(t), change.Apply(t)} {
				require.Equal(t, "conflict: release "+lab.namespace+"/tempo belongs to "+test.owner+", which would undo the change", testkit.Failed(t, result), test.reason)
				require.Contains(t, result["hint"], "put these values of chart tempo-2.2.4 into ")
				require.Contains(t, result["hint"], "retention: 48h")
				require.Contains(t, result["hint"], "take_ownership: true")
			}
			require.Contains(t, testkit.Failed(t, task.With(map[string]any{"state": "absent"}).Apply(t)), "belongs to "+test.owner+", which would recreate it")
			require.Empty(t, testkit.KubeWrites(lab.Requests()))

			result := testkit.Changed(t, change.With(map[string]any{"take_ownership": true}).Apply(t))
			require.Contains(t, result["warnings"], "release "+lab.namespace+"/tempo belongs to "+test.owner+", which may undo the change")
		})
	}
}

// What helm template created has no release: it is not silently installed over.
func TestCreatedByHelmTemplate(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, nil)
	testkit.Changed(t, task.Apply(t))
	lab.forget(t)
	result := task.Check(t)
	require.Contains(t, testkit.Failed(t, result), "invalid ownership metadata")
	require.Contains(t, result["hint"], "take_ownership: true (tempo_take_ownership in the role)")

	lab.mark(t, map[string]any{"labels": map[string]any{"argocd.argoproj.io/instance": "cluster"}})
	require.Equal(t, "conflict: release "+lab.namespace+"/tempo belongs to Argo CD's Application cluster, which would undo the change", testkit.Failed(t, task.Apply(t)))
	testkit.FourRuns(t, task.With(map[string]any{"take_ownership": true}))
}

// mark puts metadata on the StatefulSet and the Service, as a GitOps tool does.
func (l lab) mark(t *testing.T, metadata map[string]any) {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	require.NoError(t, err)
	_, err = l.client.AppsV1().StatefulSets(l.namespace).Patch(t.Context(), "tempo", types.MergePatchType, patch, meta.PatchOptions{})
	require.NoError(t, err)
	_, err = l.client.CoreV1().Services(l.namespace).Patch(t.Context(), "tempo", types.MergePatchType, patch, meta.PatchOptions{})
	require.NoError(t, err)
}

// forget removes the release's records, and Helm's metadata from its objects.
func (l lab) forget(t *testing.T) {
	t.Helper()
	require.NoError(t, l.client.CoreV1().Secrets(l.namespace).DeleteCollection(t.Context(), meta.DeleteOptions{}, meta.ListOptions{LabelSelector: "owner=helm"}))
	l.mark(t, map[string]any{"annotations": map[string]any{"meta.helm.sh/release-name": nil}})
	accounts := l.client.CoreV1().ServiceAccounts(l.namespace)
	_, err := accounts.Patch(t.Context(), "tempo", types.MergePatchType, []byte(`{"metadata":{"annotations":{"meta.helm.sh/release-name":null}}}`), meta.PatchOptions{})
	require.NoError(t, err)
}
