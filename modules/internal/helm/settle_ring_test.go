// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/fault"
)

// unwritable is a store of records that changes none.
type unwritable struct{ driver.Driver }

func (unwritable) Update(string, *release.Release) error { return errCut }

// An installation whose end Helm could not write, which it only logs, has failed: as a
// success, it would look to the next run as if another Helm worked on it.
func TestEndThatCannotBeRecorded(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	client.action.Releases = storage.Init(trackingDriver{unwritable{client.records.Driver}, client.records.open})
	d := deployment(t, "1.0.0", nil)
	err := client.Install(t.Context(), d)
	require.EqualError(t, err, "install "+d.String()+": record its end: the connection was cut")
	require.NotEmpty(t, fault.HintOf(err))
	require.Equal(t, []Status{PendingInstall}, c.states(t))
	require.Equal(t, err, client.Settled(err))
	require.Equal(t, []Status{Failed}, c.states(t))
	require.NoError(t, c.client(nil).Upgrade(t.Context(), d))
}

// A release whose process died is previewed, and upgraded, as after its repair.
func TestRecordLeftPending(t *testing.T) {
	c := newCluster(t)
	require.NoError(t, c.client(nil).Install(t.Context(), deployment(t, "1.0.0", nil)))
	dying := c.client(nil)
	stuck := dying.records
	last, err := dying.Last("tempo")
	require.NoError(t, err)
	record := *last.source
	info := *record.Info
	info.Status, record.Version, record.Info = "pending-upgrade", 2, &info
	require.NoError(t, stuck.Create("sh.helm.release.v1.tempo.v2", &record))
	require.Equal(t, []Status{PendingUpgrade, Deployed}, c.states(t))

	client := c.client(nil)
	pending, err := client.Last("tempo")
	require.NoError(t, err)
	require.True(t, pending.Status.Pending())
	require.Error(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)), "Helm takes it for the record of another run")
	_, err = client.Preview(t.Context(), pending, deployment(t, "1.1.0", nil))
	require.NoError(t, err)
	require.Equal(t, PendingUpgrade, c.states(t)[0], "a preview repairs nothing")

	require.NoError(t, client.MarkFailed(pending, "its process died"))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.Equal(t, "its process died", c.records(t)[0].Description)
	require.NoError(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)))
	require.Equal(t, []Status{Deployed, Failed, Superseded}, c.states(t))
}

// What a client left underway it settles, and nothing else.
func TestSettledOnTheAPIServer(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	require.NoError(t, client.Install(t.Context(), deployment(t, "1.0.0", nil)))
	require.NoError(t, client.Settle("nothing is left"))
	require.Equal(t, []Status{Deployed}, c.states(t))

	last, err := client.Last("tempo")
	require.NoError(t, err)
	record := *last.source
	info := *record.Info
	info.Status, record.Version, record.Info = "pending-upgrade", 2, &info
	require.NoError(t, client.records.Create("sh.helm.release.v1.tempo.v2", &record))
	require.NoError(t, c.client(nil).Settle("another client's is its own"))
	require.Equal(t, PendingUpgrade, c.states(t)[0])
	cause := errors.New("the connection was lost")
	require.Equal(t, cause, client.Settled(cause))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.NoError(t, client.Settled(nil))
}
