// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A release that another Helm client left pending is left alone while that may
// still be at work, and repaired without an uninstall afterwards.
func TestStuckReleases(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"pending-install", "pending-upgrade", "pending-rollback", "uninstalling", "failed"} {
		t.Run(status, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, nil)
			testkit.Changed(t, task.Apply(t))
			pod := lab.pod(t)
			lab.setStatus(t, lab.newest(t), status)
			if status != "failed" {
				lab.leftAlone(t, task, status)
			}

			result := testkit.Changed(t, task.Apply(t))
			released(t, result, "tempo-2.2.4", 2)
			testkit.Unchanged(t, task.Apply(t))
			lab.newest(t)
			require.Equal(t, pod.UID, lab.pod(t).UID, "nothing was uninstalled")
			if status != "failed" {
				require.Contains(t, result["warnings"], "release tempo was left "+status+" by a Helm client, which died: revision 1 is marked as failed and the release is upgraded")
			}
		})
	}
}

func (l lab) leftAlone(t *testing.T, task testkit.Task, status string) {
	t.Helper()
	l.Requests()
	result := task.With(map[string]any{"wait_timeout": "1h"}).Apply(t)
	require.Regexp(t, `^conflict: release `+l.namespace+`/tempo is `+status+` for 30m\d+s: another Helm client seems to work on it$`, testkit.Failed(t, result))
	result = task.With(map[string]any{"recover": false}).Apply(t)
	require.Equal(t, "conflict: release "+l.namespace+"/tempo is "+status+": the process that worked on it has died", testkit.Failed(t, result))
	require.Empty(t, testkit.KubeWrites(l.Requests()))
}
