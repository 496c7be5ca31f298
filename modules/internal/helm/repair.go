// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/fault"
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

// EndPending marks a release that stayed pending as failed; any other it leaves alone.
func (c *Client) EndPending(release Release) error {
	if !release.Status.Pending() {
		return nil
	}
	return c.MarkFailed(release, fmt.Sprintf("it stayed %s: the process that worked on it died", release.Status))
}

// Uninstall deletes a release, its objects and its history, and waits until
// they are gone, for at most timeout and not beyond the end of ctx.
func (c *Client) Uninstall(ctx context.Context, name string, timeout time.Duration) error {
	config, logged := *c.action, &causes{}
	config.Log = logged.log
	a := action.NewUninstall(&config)
	a.Wait, a.Timeout, a.IgnoreNotFound = true, left(ctx, timeout), true
	_, err := within(ctx, func() (*release.UninstallReleaseResponse, error) { return a.Run(name) })
	if err == nil || purgedByAnother(err) {
		return nil
	}
	failed := kube.Fault("uninstall release "+name, logged.in(err))
	return fault.Wrap(fault.KindOf(failed), cmp.Or(fault.HintOf(failed), "run again: the next run removes what is left"), "", failed)
}

// purgedByAnother recognises an uninstall that ended as it should, except that another
// process was quicker with the history: a person with helm, or a run that was given up.
// Helm makes a text of it (helm pkg/action/uninstall.go, Run).
func purgedByAnother(err error) bool {
	return strings.HasSuffix(err.Error(), "completed with 1 error(s): uninstall: Failed to purge the release: "+driver.ErrReleaseNotFound.Error())
}

// causes are what Helm writes to its log alone: why it could not delete the objects
// of a release (helm pkg/action/uninstall.go, Run).
type causes struct{ found []error }

func (c *causes) log(_ string, arguments ...any) {
	for _, argument := range arguments {
		switch argument := argument.(type) {
		case []error:
			c.found = append(c.found, argument...)
		case error:
			c.found = append(c.found, argument)
		}
	}
}

// in is err with the first of the causes, where err does not tell it itself.
func (c *causes) in(err error) error {
	if len(c.found) == 0 || strings.Contains(err.Error(), c.found[0].Error()) {
		return err
	}
	return fmt.Errorf("%w: %w", err, c.found[0])
}
