// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// choosing is a task that sets neither mode nor version.
func (l lab) choosing(t *testing.T, more map[string]any) testkit.Task {
	t.Helper()
	task := l.task(t, more)
	for _, name := range []string{"mode", "chart_version"} {
		if _, asked := more[name]; !asked {
			delete(task.Options, name)
		}
	}
	return task
}

// Tempo 3 in one pod, on nodes as small as these.
func TestNewReleaseFitsTheNodes(t *testing.T) {
	lab := newLab(t)
	result := testkit.FourRuns(t, lab.choosing(t, map[string]any{"resources": "raspberrypi", "retention": "72h", "persistence": map[string]any{"size": "1Gi"}}))
	released(t, result, "tempo-3.0.0", 1)
	require.Equal(t, "monolithic", result["mode"])
	require.Contains(t, result["mode_reason"], "nodes")
	require.Equal(t, "http://tempo."+lab.namespace+".svc.cluster.local:3200", endpoint(result, "query"))
	require.NotContains(t, result["endpoints"], "opencensus")
	lab.ready(t, 0, 1)
}

// An existing release stays what it is, whether mode and version are left open
// or not any more.
func TestReleaseKeepsModeAndMajorVersion(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		options map[string]any
		chart   string
		changes bool
	}{
		"many of 2":      {"what the role has created so far", map[string]any{"mode": "microservices", "chart_version": "2.26.2", "resources": "raspberrypi"}, "tempo-distributed-2.26.2", false},
		"one pod of 2":   {"what the role has created so far", map[string]any{"mode": "monolithic", "chart_version": "2.2.4"}, "tempo-2.2.4", false},
		"one pod of 1":   {"it stays Tempo 1.5", map[string]any{"mode": "monolithic", "chart_version": "0.16.6"}, "tempo-0.16.6", false},
		"one pod of 2.9": {"the newest of the same major", map[string]any{"mode": "monolithic", "chart_version": "1.24.4"}, "tempo-2.2.4", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			testkit.Changed(t, lab.task(t, test.options).Apply(t))
			open := lab.choosing(t, map[string]any{"resources": test.options["resources"]})
			if test.options["resources"] == nil {
				delete(open.Options, "resources")
			}
			result := open.Apply(t)
			require.False(t, result.Failed(), "%v", result)
			require.Equal(t, test.changes, result["changed"], test.reason)
			release, _ := result["release"].(map[string]any)
			require.Equal(t, test.chart, release["chart"], test.reason)
			require.Equal(t, test.options["mode"], result["mode"])
			require.Contains(t, result["mode_reason"], "already exists")
			testkit.Unchanged(t, open.Apply(t))
		})
	}
}

// The nodes decide the sizes, anew on every run, but always the same.
func TestSizesFitTheNodes(t *testing.T) {
	lab := newLab(t)
	result := testkit.FourRuns(t, lab.task(t, map[string]any{"chart_version": "3.0.0", "resources": "auto"}))
	require.Contains(t, []any{"raspberrypi", "small", "default"}, result["resources"])
	set, err := lab.client.AppsV1().StatefulSets(lab.namespace).Get(t.Context(), "tempo", meta.GetOptions{})
	require.NoError(t, err)
	limit := set.Spec.Template.Spec.Containers[0].Resources.Limits.Memory()
	require.Equal(t, map[any]string{"raspberrypi": "1Gi", "small": "2Gi", "default": "0"}[result["resources"]], limit.String())
}
