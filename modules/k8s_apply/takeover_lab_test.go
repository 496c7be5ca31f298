// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package manifest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// TestTakingOverFromOneManager takes over what was applied by hand before.
func TestTakingOverFromOneManager(t *testing.T) {
	tests := map[string]struct {
		reason   string
		managers []string
		takeOver []any
		refused  string
	}{
		"nobody named":  {"a conflict is an error", []string{"kubectl-set"}, nil, `others own .data.a (conflict with "kubectl-set" using v1)`},
		"by name":       {"the manager that owns the field", []string{"kubectl-client-side-apply"}, []any{"kubectl-client-side-apply"}, ""},
		"by pattern":    {"whichever kubectl command it was", []string{"kubectl-client-side-apply", "kubectl-set"}, []any{"kubectl-*"}, ""},
		"another one":   {"another manager is refused", []string{"helm"}, []any{"kubectl-*"}, `others own .data.a (conflict with "helm" using v1)`},
		"one of others": {"one other manager is enough to refuse", []string{"kubectl-set", "helm"}, []any{"kubectl-*"}, `.data.b (conflict with "helm" using v1)`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, err := l.client.CoreV1().Namespaces().Create(context.Background(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: l.namespace}}, meta.CreateOptions{})
			require.NoError(t, err)
			held := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "held"}, Data: map[string]string{"a": "theirs", "unnamed": "theirs"}}
			maps := l.client.CoreV1().ConfigMaps(l.namespace)
			held, err = maps.Create(context.Background(), held, meta.CreateOptions{FieldManager: tc.managers[0]})
			require.NoError(t, err)
			if len(tc.managers) > 1 {
				held.Data["b"] = "theirs"
				_, err = maps.Update(context.Background(), held, meta.UpdateOptions{FieldManager: tc.managers[1]})
				require.NoError(t, err)
			}
			task := l.task("{apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: NAMESPACE}, data: {a: ours, b: ours}}", map[string]any{"take_over": tc.takeOver})
			l.Requests()
			if tc.refused != "" {
				require.Contains(t, testkit.Failed(t, task.Apply(t)), tc.refused, tc.reason)
				require.Empty(t, testkit.KubeWrites(l.Requests()))
				return
			}
			testkit.FourRuns(t, task)
			found, err := maps.Get(context.Background(), "held", meta.GetOptions{})
			require.NoError(t, err)
			require.Equal(t, map[string]string{"a": "ours", "b": "ours", "unnamed": "theirs"}, found.Data, "fields that the manifest does not name keep their owner")
		})
	}
}
