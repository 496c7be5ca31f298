// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	helmtime "helm.sh/helm/v3/pkg/time"
)

// failing is a store of records that takes no update while it is told so.
type failing struct {
	driver.Driver
	away *bool
}

func (f failing) Update(key string, record *release.Release) error {
	if *f.away {
		return errors.New("the server is away")
	}
	return f.Driver.Update(key, record)
}

func record(revision int, status release.Status) *release.Release {
	return &release.Release{Name: "tempo", Namespace: "tracing", Version: revision, Info: &release.Info{Status: status}}
}

func TestSettle(t *testing.T) {
	cases := map[string]struct {
		reason string
		// writes are what Helm does to revision 2; the last one fails where lost.
		writes []release.Status
		lost   bool
		want   release.Status
	}{
		"deployed":          {"nothing is left to do", []release.Status{release.StatusPendingUpgrade, release.StatusDeployed}, false, release.StatusDeployed},
		"failed":            {"Helm said so itself", []release.Status{release.StatusPendingUpgrade, release.StatusFailed}, false, release.StatusFailed},
		"final status lost": {"only this run can finish it", []release.Status{release.StatusPendingUpgrade, release.StatusDeployed}, true, release.StatusFailed},
		"began and died":    {"it failed before the final status", []release.Status{release.StatusPendingInstall}, false, release.StatusFailed},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			away := false
			memory := driver.NewMemory()
			memory.SetNamespace("tracing")
			client := &Client{records: trackingDriver{failing{memory, &away}, newOpenRecords()}}
			require.NoError(t, memory.Create("sh.helm.release.v1.tempo.v1", record(1, release.StatusPendingUpgrade)))
			for i, status := range test.writes {
				away = test.lost && i == len(test.writes)-1
				if i == 0 {
					require.NoError(t, client.records.Create("sh.helm.release.v1.tempo.v2", record(2, status)))
					continue
				}
				require.Equal(t, away, client.records.Update("sh.helm.release.v1.tempo.v2", record(2, status)) != nil)
			}
			if away {
				require.ErrorContains(t, client.Settle("why"), "mark release record sh.helm.release.v1.tempo.v2 as failed: the server is away")
			}
			away = false
			require.NoError(t, client.Settle("why"))
			settled, err := memory.Get("sh.helm.release.v1.tempo.v2")
			require.NoError(t, err)
			require.Equal(t, test.want, settled.Info.Status, test.reason)
			other, err := memory.Get("sh.helm.release.v1.tempo.v1")
			require.NoError(t, err)
			require.Equal(t, release.StatusPendingUpgrade, other.Info.Status, "another client's record is left alone")
		})
	}
}

// The way back of a failed install deletes the record that it began.
func TestDeletedRecordNeedsNoSettling(t *testing.T) {
	memory := driver.NewMemory()
	memory.SetNamespace("tracing")
	client := &Client{records: trackingDriver{memory, newOpenRecords()}}
	require.NoError(t, client.records.Create("sh.helm.release.v1.tempo.v1", record(1, release.StatusPendingInstall)))
	require.NoError(t, client.records.Update("sh.helm.release.v1.tempo.v1", record(1, release.StatusUninstalling)))
	_, err := client.records.Delete("sh.helm.release.v1.tempo.v1")
	require.NoError(t, err)
	require.NoError(t, client.Settle("why"))
}

// losing is a store of records that keeps what it is given and loses the answer.
type losing struct {
	driver.Driver
	// unread makes it lose the answer to a read that follows too.
	unread *bool
	// before is what another client has put there in the meantime.
	before *release.Release
}

var errLost = errors.New("the connection was reset")

func (l losing) Create(key string, record *release.Release) error {
	if l.before != nil {
		record = l.before
	}
	return errors.Join(errLost, l.Driver.Create(key, record))
}

func (l losing) Get(key string) (*release.Release, error) {
	if *l.unread {
		return nil, errLost
	}
	return l.Driver.Get(key)
}

func TestLostResponseToARecord(t *testing.T) {
	at := func(second int, manifest string) *release.Release {
		made := record(1, release.StatusPendingInstall)
		made.Manifest, made.Info.LastDeployed = manifest, helmtime.Date(2026, 11, 26, 12, 0, second, 0, time.UTC)
		return made
	}
	cases := map[string]struct {
		reason string
		unread bool
		before *release.Release
		err    error
		want   release.Status
	}{
		"read back":       {"the record exists, so Helm continues", false, nil, nil, release.StatusFailed},
		"unread":          {"it may exist: it is settled as soon as it can be read", true, nil, errLost, release.StatusFailed},
		"another time":    {"another Helm client was faster and is working on it", false, at(7, "a: 1"), errLost, release.StatusPendingInstall},
		"another release": {"in the same second", false, at(5, "a: 2"), errLost, release.StatusPendingInstall},
		"another, unread": {"its owner was unknown when the answer was lost", true, at(7, "a: 1"), errLost, release.StatusPendingInstall},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			memory := driver.NewMemory()
			memory.SetNamespace("tracing")
			client := &Client{records: trackingDriver{losing{memory, &test.unread, test.before}, newOpenRecords()}}
			const key = "sh.helm.release.v1.tempo.v1"
			require.Equal(t, test.err != nil, errors.Is(client.records.Create(key, at(5, "a: 1")), errLost), test.reason)
			if test.unread {
				require.ErrorContains(t, client.Settle("why"), "read release record "+key)
			}
			test.unread = false
			require.NoError(t, client.Settle("why"))
			left, err := memory.Get(key)
			require.NoError(t, err)
			require.Equal(t, test.want, left.Info.Status, test.reason)
		})
	}
}

func TestRefusedRecordNeedsNoSettling(t *testing.T) {
	away := false
	memory := driver.NewMemory()
	memory.SetNamespace("tracing")
	client := &Client{records: trackingDriver{refusing{failing{memory, &away}}, newOpenRecords()}}
	require.EqualError(t, client.records.Create("sh.helm.release.v1.tempo.v1", record(1, release.StatusPendingInstall)), "forbidden")
	require.NoError(t, client.Settle("why"))
}

type refusing struct{ driver.Driver }

func (refusing) Create(string, *release.Release) error { return errors.New("forbidden") }

// Helm goes on in the background when the time of a run is up, and writes while the
// run settles what it left.
func TestSettleWhileHelmStillWrites(t *testing.T) {
	memory := driver.NewMemory()
	memory.SetNamespace("tracing")
	client := &Client{records: trackingDriver{memory, newOpenRecords()}}
	const key = "sh.helm.release.v1.tempo.v1"
	require.NoError(t, client.records.Create(key, record(1, release.StatusPendingInstall)))
	written := make(chan error, 1)
	go func() {
		var err error
		for range 1000 {
			err = errors.Join(err, client.records.Update(key, record(1, release.StatusPendingInstall)))
		}
		written <- err
	}()
	for range 1000 {
		require.NoError(t, client.Settle("why"))
	}
	require.NoError(t, <-written)
	require.NoError(t, client.Settle("why"))
	settled, err := memory.Get(key)
	require.NoError(t, err)
	require.Equal(t, release.StatusFailed, settled.Info.Status)
}
