// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package manifest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

const held = `
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: NAMESPACE}
data: {k: v}
`

// TestTerminatingObjectIsNotDeletedAgain: an object stays until its dependents and its
// finalizers are gone.
func TestTerminatingObjectIsNotDeletedAgain(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task("{apiVersion: v1, kind: Namespace, metadata: {name: NAMESPACE}}", nil).Apply(t))
	task := l.task(held, nil)
	testkit.Changed(t, task.Apply(t))
	l.finalize(t, `["example.org/hold"]`)
	absent := task.With(map[string]any{"state": "absent", "wait": false})
	testkit.Changed(t, absent.Check(t))
	testkit.Changed(t, absent.Apply(t))
	testkit.Unchanged(t, absent.Check(t))
	testkit.Unchanged(t, absent.Apply(t))
	waiting := absent.With(map[string]any{"wait": true, "wait_timeout": "2s"})
	require.Contains(t, testkit.Failed(t, waiting.Apply(t)), "ConfigMap "+l.namespace+"/held: not gone yet")

	// What is applied to a terminating object would be deleted with it.
	lost := task.With(map[string]any{"wait_timeout": "2s"})
	testkit.Changed(t, lost.Check(t))
	require.Contains(t, testkit.Failed(t, lost.Apply(t)), "ConfigMap "+l.namespace+"/held: not gone yet")
	time.AfterFunc(3*time.Second, func() { l.finalize(t, `null`) })
	testkit.FourRuns(t, task)
	found, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(context.Background(), "held", meta.GetOptions{})
	require.NoError(t, err)
	require.Nil(t, found.DeletionTimestamp)
}

func (l lab) finalize(t *testing.T, list string) {
	t.Helper()
	_, err := l.client.CoreV1().ConfigMaps(l.namespace).Patch(context.Background(), "held", types.MergePatchType,
		[]byte(`{"metadata":{"finalizers":`+list+`}}`), meta.PatchOptions{})
	require.NoError(t, err)
}

// TestRemovalWithoutWaiting is what happens several times in a row.
func TestRemovalWithoutWaiting(t *testing.T) {
	l := newLab(t)
	for range 3 {
		testkit.Changed(t, l.task(shop, nil).Apply(t))
		testkit.Changed(t, l.task(shop, map[string]any{"state": "absent", "wait": false}).Apply(t))
	}
}
