// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Without a store Tempo keeps its traces on a volume; a store may be added later,
// but is not removed unnoticed.
func TestTempoWithoutAStore(t *testing.T) {
	r := newRelease(t)
	// The same volume in both: no StatefulSet is ever deleted completely here.
	stored := r.With(map[string]any{"persistence": map[string]any{"size": "10Gi"}})
	bare := r.With(map[string]any{"s3": nil})
	require.Equal(t, "usage: options: s3 or storage is required when state is present", testkit.Failed(t, bare.Apply(t)))
	local := bare.With(map[string]any{"storage": "local", "mode": "auto"})
	result := testkit.FourRuns(t, local)
	require.NotContains(t, r.secrets(t), "tempo-s3-credentials")
	config, err := r.clients.Core.ConfigMaps(r.namespace).Get(t.Context(), "tempo", meta.GetOptions{})
	require.NoError(t, err)
	require.Contains(t, config.Data["tempo.yaml"], `"backend":"local"`)
	require.Equal(t, "monolithic", result["mode"])

	before := testkit.Changed(t, local.With(map[string]any{"persistence": map[string]any{"size": "1Gi"}}).Check(t))
	require.Contains(t, before["warnings"], "traces are kept on the volume of one pod: they are lost with the disk of its node, and Tempo cannot grow beyond that pod. An S3 store has neither limit")

	moved := testkit.Changed(t, stored.Check(t))
	require.Contains(t, moved["warnings"], "traces that release tempo has kept on its own disk are no longer found; its volume claim stays")
	testkit.FourRuns(t, stored)
	require.Contains(t, r.secrets(t), "tempo-s3-credentials")

	require.Equal(t, "conflict: release tempo keeps its traces in bucket tempo, where they would stay behind with storage: local", testkit.Failed(t, local.Apply(t)))
	testkit.FourRuns(t, local.With(map[string]any{"migrate": "lossy"}))
	require.NotContains(t, r.secrets(t), "tempo-s3-credentials")
	testkit.FourRuns(t, local.With(map[string]any{"state": "absent"}))
	require.Empty(t, r.secrets(t))
}
