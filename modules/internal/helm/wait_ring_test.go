// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// The wait is ours: it is told the objects, its error becomes the record's
// description without secrets, and an atomic change is taken back.
func TestWaitForADeployment(t *testing.T) {
	c := newCluster(t)
	var asked []string
	refused := fault.New(fault.Timeout, "look at its pods", "tempo is not ready: it says hunter2")
	wait := func(_ context.Context, objects []Object) error {
		asked = nil
		for _, object := range objects {
			asked = append(asked, object.Namespace+": "+object.Path())
		}
		if c.data(t, "tempo")["version"] == "1.1.0" {
			return refused
		}
		return nil
	}
	client := c.client(wait)
	first := deployment(t, "1.0.0", nil)
	first.Wait = true
	require.NoError(t, client.Install(t.Context(), first))
	require.Equal(t, []string{c.namespace + ": configmap/tempo"}, asked)

	second := deployment(t, "1.1.0", nil)
	second.Wait = true
	err := client.Upgrade(t.Context(), second)
	require.ErrorIs(t, err, refused)
	require.Equal(t, fault.Timeout, fault.KindOf(err))
	require.Equal(t, "look at its pods", fault.HintOf(err))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.Contains(t, c.records(t)[0].Description, "it says ***")

	second.Atomic = true
	require.ErrorIs(t, client.Upgrade(t.Context(), second), refused)
	require.Equal(t, Deployed, c.states(t)[0])
	require.Equal(t, "1.0.0", c.data(t, "tempo")["version"], "the change is rolled back")
}

// Helm compares with the deployed revision alone: what a failed one left goes too.
func TestUpgradeRemovesLeftoversOfAFailedOne(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	require.NoError(t, client.Install(t.Context(), deployment(t, "1.0.0", nil)))
	err := client.Upgrade(t.Context(), deployment(t, "1.1.0", map[string]any{"extra": "left", "broken": true}))
	require.Equal(t, fault.Rejected, fault.KindOf(err), err)
	require.ErrorContains(t, err, "upgrade release tempo with chart tempo-1.1.0")
	require.NotContains(t, err.Error(), "\n", "a single line")
	require.NotNil(t, c.data(t, "left"))
	failed, err := client.Last("tempo")
	require.NoError(t, err)
	require.Equal(t, Failed, failed.Status)

	next := deployment(t, "1.2.0", nil)
	next.Failed = []string{strings.Split(failed.Manifest, "---\n# Source: tempo/templates/config.yaml\napiVersion: v1\nkind: Service")[0]}
	require.NoError(t, client.Upgrade(t.Context(), next))
	require.Nil(t, c.data(t, "left"))
	require.Equal(t, "1.2.0", c.data(t, "tempo")["version"])
}
