// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// A plan without a deployment renders nothing that an option could affect.
func TestNoManifestMeansNoEffects(t *testing.T) {
	var p plan.Plan
	spec := Spec{Args: Args{Config: tempochart.Config{Retention: "1h", Search: true}}}
	require.NoError(t, warnEffects(&p, spec, Proposal{}))
	require.Empty(t, p.Warnings)
}
