// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Last reads the newest revision of a release; its status is Absent when there
// is none.
func (c *Client) Last(name string) (Release, error) {
	source, err := c.action.Releases.Last(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return Release{}, nil
	}
	if err != nil {
		return Release{}, kube.Fault("read release "+name, err)
	}
	return fromHelm(source)
}

// MarkFailed ends a release record that stayed pending because its process died:
// Helm then takes an upgrade again. Nothing of the release is deleted.
func (c *Client) MarkFailed(stuck Release, why string) error {
	return kube.Fault(fmt.Sprintf("mark revision %d as failed", stuck.Revision), c.action.Releases.Update(failedAs(stuck.source, why)))
}

// Uninstall deletes a release, its objects and its history, and waits until
// they are gone, for at most timeout and not beyond the end of ctx.
func (c *Client) Uninstall(ctx context.Context, name string, timeout time.Duration) error {
	a := action.NewUninstall(c.action)
	a.Wait, a.Timeout, a.IgnoreNotFound = true, left(ctx, timeout), true
	_, err := within(ctx, func() (*release.UninstallReleaseResponse, error) { return a.Run(name) })
	return kube.Fault("uninstall release "+name, err)
}
