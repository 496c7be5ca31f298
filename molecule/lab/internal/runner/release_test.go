// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/release"
)

var errBroken = errors.New("broken")

// recorder is Helm with one release in a given state; it records the calls.
type recorder struct {
	last                          *release.Release
	calls                         []string
	lastErr, upgradeErr, purgeErr error
}

func (r *recorder) Last() (*release.Release, error) { return r.last, r.lastErr }

func (r *recorder) Install(context.Context) error {
	r.calls = append(r.calls, "install")
	return nil
}

func (r *recorder) Upgrade(context.Context) error {
	r.calls = append(r.calls, "upgrade")
	return r.upgradeErr
}

func (r *recorder) Uninstall() error {
	r.calls = append(r.calls, "uninstall")
	return r.purgeErr
}

func (r *recorder) MarkFailed(last *release.Release) error {
	r.calls = append(r.calls, "mark failed")
	return nil
}

func TestRun(t *testing.T) {
	cases := map[string]struct {
		reason string
		order  order
		helm   recorder
		calls  []string
		notes  []string
		fails  string
	}{
		"nothing there": {
			reason: "the first installation", order: order{verb: "install", expected: "0"},
			calls: []string{"install"}, notes: []string{"Installing helm chart"},
		},
		"deployed": {
			reason: "a change of the chart or its values", order: order{verb: "install", expected: "3"}, helm: have(release.StatusDeployed),
			calls: []string{"upgrade"}, notes: []string{"Upgrading helm chart"},
		},
		"upgrade fails": {
			reason: "the container ends with an error and is started again", order: order{verb: "install"},
			helm: recorder{last: at(release.StatusDeployed), upgradeErr: errBroken}, calls: []string{"upgrade"}, notes: []string{"Upgrading helm chart"}, fails: "broken",
		},
		"somebody was faster": {
			reason: "the controller looks again", order: order{verb: "install", expected: "2"}, helm: have(release.StatusDeployed),
			notes: []string{"Current release revision 3 does not match expected revision 2"},
		},
		"failed, default policy": {
			reason: "the pitfall of k3s: an outage", order: order{verb: "install", failurePolicy: "reinstall"}, helm: have(release.StatusFailed),
			calls: []string{"uninstall", "install"}, notes: []string{"Uninstalling failed helm chart", "Installing helm chart"},
		},
		"failed, uninstall fails too": {
			reason: "the script continues", order: order{verb: "install", failurePolicy: "reinstall"},
			helm:  recorder{last: at(release.StatusFailed), purgeErr: errBroken},
			calls: []string{"uninstall", "install"}, notes: []string{"Uninstalling failed helm chart", "Error: broken", "Installing helm chart"},
		},
		"failed, abort": {
			reason: "nothing is touched", order: order{verb: "install", failurePolicy: "abort"}, helm: have(release.StatusFailed), fails: "waiting for operator intervention",
		},
		"failed, retry": {
			reason: "the script succeeds in any case", order: order{verb: "install", release: "traefik", failurePolicy: "retry"},
			helm: recorder{last: at(release.StatusFailed), upgradeErr: errBroken}, calls: []string{"upgrade"},
			notes: []string{"Upgrading traefik from failed state", "Error: broken"},
		},
		"failed, unknown policy": {
			reason: "an unknown policy", order: order{verb: "install", failurePolicy: "hope"}, helm: have(release.StatusFailed), fails: "Unknown failure policy 'hope'",
		},
		"interrupted upgrade": {
			reason: "retried before anything is removed", order: order{verb: "install", failurePolicy: "reinstall"}, helm: have(release.StatusPendingUpgrade),
			calls: []string{"mark failed", "upgrade"},
			notes: []string{"Resetting helm release status from 'pending-upgrade' to 'failed'", "Retrying upgrade of helm chart"},
		},
		"interrupted installation": {
			reason: "it cannot be upgraded, so it is recreated", order: order{verb: "install", failurePolicy: "reinstall"}, helm: have(release.StatusPendingInstall),
			calls: []string{"mark failed", "uninstall", "install"},
			notes: []string{"Resetting helm release status from 'pending-install' to 'failed'", "Uninstalling failed helm chart", "Installing helm chart"},
		},
		"delete": {
			reason: "the HelmChart is gone", order: order{verb: "delete"}, helm: have(release.StatusDeployed),
			calls: []string{"uninstall"}, notes: []string{"Uninstalling helm chart"},
		},
		"delete fails": {
			reason: "it succeeds all the same; the controller sees that the release still exists", order: order{verb: "delete"},
			helm: recorder{last: at(release.StatusDeployed), purgeErr: errBroken}, calls: []string{"uninstall"}, notes: []string{"Uninstalling helm chart", "Error: broken"},
		},
		"delete nothing": {reason: "no release", order: order{verb: "delete"}, notes: []string{"No helm chart installed; nothing to delete"}},
		"delete stale": {
			reason: "a newer revision", order: order{verb: "delete", expected: "1"}, helm: have(release.StatusDeployed),
			notes: []string{"Current release revision 3 does not match expected revision 1"},
		},
		"api away": {reason: "not the same as no release", order: order{verb: "install"}, helm: recorder{lastErr: errBroken}, fails: "broken"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			task := job{order: c.order, helm: &c.helm}
			err := task.run(t.Context())
			if c.fails == "" {
				require.NoError(t, err, c.reason)
			} else {
				require.ErrorContains(t, err, c.fails, c.reason)
			}
			require.Equal(t, c.calls, c.helm.calls, c.reason)
			require.Equal(t, c.notes, task.notes, c.reason)
		})
	}
}

func at(status release.Status) *release.Release {
	return &release.Release{Name: "traefik", Version: 3, Info: &release.Info{Status: status}}
}

func have(status release.Status) recorder { return recorder{last: at(status)} }
