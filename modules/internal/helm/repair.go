// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"

	"github.com/picluster/tracing/modules/internal/kube"
)

// MarkFailed ends a release record that stayed underway because its process
// died: Helm then takes an upgrade again. Nothing of the release is deleted.
func (c *Client) MarkFailed(stuck Release, why string) error {
	record := *stuck.source
	info := *record.Info
	info.Status, info.Description = release.StatusFailed, why
	record.Info = &info
	return kube.Fault("mark revision as failed", c.action.Releases.Update(&record))
}

// Uninstall deletes a release, its objects and its history, and waits until
// they are gone.
func (c *Client) Uninstall(name string, timeout time.Duration) error {
	a := action.NewUninstall(c.action)
	a.Wait, a.Timeout, a.IgnoreNotFound = true, timeout, true
	_, err := a.Run(name)
	return kube.Fault("uninstall release "+name, err)
}
