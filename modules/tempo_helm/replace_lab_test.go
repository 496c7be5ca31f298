// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A StatefulSet whose volumes change is recreated once the old one is gone, which
// takes the garbage collector a moment: any earlier, it would be an update of the
// old one, and be deleted with it.
func TestRecreatedOnlyWhenDeleted(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"persistence": map[string]any{"size": "1Gi"}})
	testkit.Changed(t, task.Apply(t))
	before := lab.set(t)
	lab.finalizer(t, "finalizers")
	lab.Handle(lab.letGoAfter(t, 5))
	result := testkit.Changed(t, task.With(map[string]any{"persistence": map[string]any{"size": "2Gi"}}).Apply(t))
	lab.Handle(nil)
	require.Contains(t, result["warnings"].([]any)[0], "statefulset/tempo is deleted and recreated by the upgrade, since it cannot be changed in place: ")
	require.NotEqual(t, before, lab.set(t))
	lab.ready(t, 0, 1)
}

// The recreated StatefulSet gets the volumes of the old one, which keep their
// size until somebody resizes them: each run says so.
func TestLargerVolumes(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"persistence": map[string]any{"size": "1Gi"}, "drift": "ignore"})
	require.Empty(t, testkit.Changed(t, task.Apply(t))["warnings"])
	require.Empty(t, testkit.Unchanged(t, task.Apply(t))["warnings"])
	grown := task.With(map[string]any{"persistence": map[string]any{"size": "2Gi"}})
	command := "kubectl patch pvc storage-tempo-0 -n " + lab.namespace + ` -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`
	require.Contains(t, fmt.Sprint(testkit.Changed(t, grown.Check(t))["warnings"]), command)
	require.Contains(t, fmt.Sprint(testkit.Changed(t, grown.Apply(t))["warnings"]), command)
	require.Contains(t, fmt.Sprint(testkit.Unchanged(t, grown.Apply(t))["warnings"]), "keep their size, although 2Gi is wanted: storage-tempo-0 (1Gi)")

	require.NoError(t, lab.client.CoreV1().PersistentVolumeClaims(lab.namespace).Delete(t.Context(), "storage-tempo-0", meta.DeleteOptions{}))
	require.Empty(t, testkit.Unchanged(t, grown.Apply(t))["warnings"], "a deleted volume is not reported as kept")
}

// set is the UID of Tempo's StatefulSet.
func (l lab) set(t *testing.T) types.UID {
	t.Helper()
	set, err := l.client.AppsV1().StatefulSets(l.namespace).Get(t.Context(), "tempo", meta.GetOptions{})
	require.NoError(t, err)
	return set.UID
}

// finalizer adds a finalizer to the StatefulSet, or removes it.
func (l lab) finalizer(t *testing.T, field string) {
	t.Helper()
	patch := []byte(`{"metadata":{"` + field + `":["test.example.com/slow"]}}`)
	_, err := l.client.AppsV1().StatefulSets(l.namespace).Patch(t.Context(), "tempo", types.StrategicMergePatchType, patch, meta.PatchOptions{})
	assert.NoError(t, err)
}

// letGoAfter lets the deleted StatefulSet go once it has been read that often.
func (l lab) letGoAfter(t *testing.T, looks int64) testkit.Handle {
	t.Helper()
	var deleted atomic.Bool
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mine := strings.HasSuffix(r.URL.Path, "/statefulsets/tempo")
		if mine && r.Method == http.MethodGet && deleted.Load() && seen.Add(1) == looks {
			l.finalizer(t, "$deleteFromPrimitiveList/finalizers")
		}
		next.ServeHTTP(w, r)
		if mine && r.Method == http.MethodDelete {
			deleted.Store(true)
		}
	}
}
