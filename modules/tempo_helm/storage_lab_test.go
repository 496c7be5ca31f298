// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Local storage is one pod with a volume, whatever the nodes would allow, and is
// replaced by an S3 store once there is one: the StatefulSet is recreated without
// the volume, whose claim stays.
func TestLocalStorageAndThenAStore(t *testing.T) {
	lab := newLab(t)
	local := lab.task(t, map[string]any{"s3": nil, "storage": "local", "mode": "auto"})
	require.Equal(t, "storage: local is for one pod", testkit.Changed(t, local.Check(t))["mode_reason"])
	require.Equal(t, "monolithic", testkit.FourRuns(t, local)["mode"])
	lab.ready(t, 0, 1)
	claims := func() int {
		found, err := lab.client.CoreV1().PersistentVolumeClaims(lab.namespace).List(t.Context(), meta.ListOptions{})
		require.NoError(t, err)
		return len(found.Items)
	}
	require.Equal(t, 1, claims())
	stored := testkit.Changed(t, lab.task(t, nil).Apply(t))
	require.Contains(t, fmt.Sprint(stored["warnings"]), "traces that release tempo has kept on its own disk are no longer found; its volume claim stays")
	testkit.Unchanged(t, lab.task(t, nil).Apply(t))
	require.Equal(t, 1, claims())
	require.Equal(t, "conflict: release tempo keeps its traces in bucket k3s-tempo, where they would stay behind with storage: local", testkit.Failed(t, local.Apply(t)))
}
