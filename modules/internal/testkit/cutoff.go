// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	helmtime "helm.sh/helm/v3/pkg/time"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
)

// CutOff makes the newest revision of a release look as if Helm had died in an upgrade
// that began this long ago, and restores the one before it.
func CutOff(t *testing.T, secrets core.SecretInterface, name string, before time.Duration) {
	t.Helper()
	records := driver.NewSecrets(secrets)
	found, err := records.Query(map[string]string{"owner": "helm", "name": name})
	require.NoError(t, err)
	slices.SortFunc(found, func(a, b *release.Release) int { return b.Version - a.Version })
	found[0].Info.Status, found[0].Info.LastDeployed = release.StatusPendingUpgrade, helmtime.Time{Time: time.Now().Add(-before)}
	found[1].Info.Status = release.StatusDeployed
	for _, revision := range found[:2] {
		require.NoError(t, records.Update(fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, revision.Version), revision))
	}
}
