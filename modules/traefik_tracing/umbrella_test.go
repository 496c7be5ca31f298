// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

func TestUmbrellaChartIsLeftToTheUser(t *testing.T) {
	values := func(own map[string]any) helm.Release {
		return helm.Release{Chart: helm.Chart{Name: "infra", Version: "0.1.0"}, Values: map[string]any{"traefik": own, "loki": map[string]any{"a": "b"}}}
	}
	found := Status{Method: methodHelm, Name: "edge", Namespace: "edge", Workload: traefikfind.Workload{Kind: "Deployment", Name: "edge-traefik", Namespace: "edge",
		Chart: "traefik-39.0.7", Image: "traefik:v3.6.13", RolledOut: true}}
	found, err := found.under(traefikfind.Umbrella{Chart: "infra-0.1.0", Key: "traefik"}, values(nil))
	require.NoError(t, err)
	_, err = planned(asked(nil), found)
	require.EqualError(t, err, "Helm release edge/edge is of chart infra-0.1.0, which brings Traefik's chart 39.0.7 as a subchart: settings that are made here would not reach Traefik; nothing was changed")
	require.Equal(t, fault.Unsupported, fault.KindOf(err))
	require.Contains(t, fault.HintOf(err), "put these values into those of that chart, and upgrade the release with it:\ntraefik:\n  ")
	require.Contains(t, fault.HintOf(err), "\n  tracing:\n    ")

	var wanted map[string]any
	settled := found.proposal(asked(nil))
	require.NoError(t, settled.Err)
	wanted = settled.Values
	found, err = found.under(traefikfind.Umbrella{Chart: "infra-0.1.0", Key: "traefik"}, values(wanted))
	require.NoError(t, err)
	steps, err := planned(asked(nil), found)
	require.NoError(t, err, "the settings are in effect")
	require.Empty(t, steps.Changes)

	steps, err = planned(asked(func(s *Spec) { s.State = "absent" }), found)
	require.NoError(t, err, "nothing was changed by this module")
	require.Empty(t, steps.Changes)
}
