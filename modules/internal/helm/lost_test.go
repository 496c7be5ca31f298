// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	helmtime "helm.sh/helm/v3/pkg/time"
)

var errCut = errors.New("the connection was cut")

// cutting is a store of records that writes, or does not, and loses the answer.
type cutting struct {
	driver.Driver
	writes bool
}

func (c cutting) Update(key string, record *release.Release) error {
	if c.writes {
		_ = c.Driver.Update(key, record)
	}
	return errCut
}

func (c cutting) Delete(key string) (*release.Release, error) {
	record, _ := c.Get(key)
	if c.writes {
		_, _ = c.Driver.Delete(key)
	}
	return record, errCut
}

func TestLostAnswersOfUpgradeAndRemoval(t *testing.T) {
	cases := map[string]struct {
		reason string
		writes bool
		want   error
	}{
		"written":     {"the record was written", true, nil},
		"not written": {"nothing was written", false, errCut},
	}
	record := func(status release.Status) *release.Release {
		return &release.Release{Name: "tempo", Namespace: "tracing", Version: 2, Manifest: "kind: ConfigMap", Info: &release.Info{Status: status, LastDeployed: helmtime.Unix(1, 0)}}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			memory := driver.NewMemory()
			memory.SetNamespace("tracing")
			const key = "sh.helm.release.v1.tempo.v2"
			require.NoError(t, memory.Create(key, record(release.StatusPendingUpgrade)))
			tracked := trackingDriver{Driver: cutting{memory, c.writes}, open: newOpenRecords()}
			require.Equal(t, c.want, tracked.Update(key, record(release.StatusDeployed)), c.reason)
			_, err := tracked.Delete(key)
			require.Equal(t, c.want, err, c.reason)
		})
	}
}
