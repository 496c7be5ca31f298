// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// nowhere is an affinity that no node meets, so that a pod is never scheduled.
var nowhere = map[string]any{"affinity": map[string]any{"nodeAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{
	"nodeSelectorTerms": []any{map[string]any{"matchExpressions": []any{map[string]any{"key": "no", "operator": "In", "values": []any{"such"}}}}},
}}}}

// An upgrade whose pods do not come up is rolled back; without atomic it stays,
// failed, and the next run repairs it.
func TestAtomic(t *testing.T) {
	lab := newLab(t)
	good := lab.task(t, map[string]any{"retention": "48h"})
	testkit.Changed(t, good.Apply(t))
	bad := good.With(map[string]any{"values": nowhere, "wait_timeout": "3s"})

	// The rollback has as much time as the upgrade.
	result := bad.With(map[string]any{"atomic": true, "wait_timeout": "45s"}).Apply(t)
	require.Regexp(t, `^rejected: upgrade release tempo with chart tempo-2.2.4: release tempo failed, and has been rolled back due to atomic being set: pod tempo-0: .*no node has the labels`, testkit.Failed(t, result))
	history := lab.history(t)
	require.Equal(t, []string{"deployed", "failed", "superseded"}, []string{history[0].status, history[1].status, history[2].status})
	require.Equal(t, "48h", history[0].config["tempo"].(map[string]any)["retention"])
	require.Equal(t, history[2].manifest, history[0].manifest, "back to the revision before")
	testkit.Unchanged(t, good.Apply(t))
	lab.ready(t, 0, 1)

	testkit.Failed(t, bad.Apply(t))
	require.Equal(t, "failed", lab.history(t)[0].status)
	released(t, testkit.FourRuns(t, good), "tempo-2.2.4", 5)
	lab.newest(t)
}

// A first install that fails leaves only the Secret with the keys.
func TestAtomicInstall(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"values": nowhere, "wait_timeout": "10s", "atomic": true})
	require.Contains(t, testkit.Failed(t, task.Apply(t)), "timeout: install release tempo with chart tempo-2.2.4: ")
	require.Empty(t, lab.history(t))
	require.Equal(t, []string{"tempo-s3-credentials"}, lab.secrets(t))
	lab.ready(t, 0, 0)
	released(t, testkit.FourRuns(t, lab.task(t, nil)), "tempo-2.2.4", 1)
}
