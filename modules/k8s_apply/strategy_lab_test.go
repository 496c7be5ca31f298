// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// workload is a workload of a kind, with more lines in its spec.
func workload(kind string, spec ...string) string {
	return `
apiVersion: apps/v1
kind: ` + kind + `
metadata: {name: web}
spec:
  ` + strings.Join(spec, "\n  ") + `
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: NAMESPACE}
`
}

// What an update strategy leaves is left: on the change, and on later runs.
func TestPodsThatAnUpdateKeepsAreNotAwaited(t *testing.T) {
	cases := map[string]struct{ reason, definition string }{
		"partition":             {"pods below it keep their template", workload("StatefulSet", "replicas: 2", "serviceName: web", "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}")},
		"partition beyond them": {"none is replaced", workload("StatefulSet", "replicas: 1", "serviceName: web", "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 5}}")},
		"StatefulSet, OnDelete": {"the user has to replace them", workload("StatefulSet", "replicas: 1", "serviceName: web", "updateStrategy: {type: OnDelete}")},
		"DaemonSet, OnDelete":   {"the user has to replace them", workload("DaemonSet", "updateStrategy: {type: OnDelete}")},
		"paused":                {"its manifest pauses it", workload("Deployment", "replicas: 1", "paused: true")},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			testkit.Changed(t, l.task(test.definition, nil).Apply(t))
			testkit.FourRuns(t, l.task(strings.Replace(test.definition, "web:1", "web:2", 1), nil))
		})
	}
}

func TestPausedRolloutEndsTheWait(t *testing.T) {
	l := newLab(t)
	definition := workload("Deployment", "replicas: 1")
	testkit.Changed(t, l.task(definition, nil).Apply(t))
	_, err := l.client.AppsV1().Deployments(l.namespace).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"paused":true}}`), meta.PatchOptions{FieldManager: "them"})
	require.NoError(t, err)
	result := l.task(strings.Replace(definition, "web:1", "web:2", 1), map[string]any{"wait_timeout": "20m"}).Apply(t)
	require.Equal(t, "conflict: wait for Deployment "+l.namespace+"/web: it is paused", testkit.Failed(t, result))
	require.Equal(t, "resume it with: kubectl rollout resume", result["hint"])
}
