// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

func TestPending(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	dead := kube.Holder{Name: "process 7 on pi1", Since: now.Add(-2 * time.Minute), Until: now.Add(-time.Minute)}
	cases := map[string]struct {
		reason  string
		status  helm.Status
		age     time.Duration
		holder  kube.Holder
		recover bool
		want    string
	}{
		"deployed":           {"no run is working on it", helm.Deployed, time.Minute, kube.Holder{}, true, ""},
		"alive":              {"it is left alone", helm.PendingUpgrade, time.Minute, kube.Holder{Name: "process 7 on pi1", Alive: true}, true, "process 7 on pi1 works on it"},
		"died":               {"the lease shows it", helm.PendingUpgrade, 90 * time.Second, dead, true, ""},
		"died, no repair":    {"the user does not want it", helm.PendingUpgrade, 90 * time.Second, dead, false, "has died"},
		"another Helm's":     {"it may still work", helm.PendingInstall, time.Minute, kube.Holder{}, true, "another Helm client"},
		"another Helm's old": {"no operation takes that long", helm.PendingInstall, time.Hour, kube.Holder{}, true, ""},
		"an older lease":     {"the dead run did not create this revision", helm.PendingRollback, 10 * time.Second, dead, true, "another Helm client"},
		"half deleted":       {"an uninstall that died", helm.Uninstalling, time.Hour, kube.Holder{}, true, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spec := Spec{Args: Args{Release: "tempo", Namespace: "tracing", WaitTimeout: 10 * time.Minute, Recover: test.recover}}
			status := Status{Release: helm.Release{Status: test.status, Updated: now.Add(-test.age)}, LeaseHolder: test.holder, ObservedAt: now}
			err := status.pending(spec)
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
		})
	}
}
