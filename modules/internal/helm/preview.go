// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"fmt"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Preview renders what an upgrade of current would deploy, or an install where
// current is absent, and writes nothing. The API server is asked what it can do
// and whether objects belong to somebody else; the release's records are not
// read again.
func (c *Client) Preview(ctx context.Context, current Release, d Deployment) (manifest string, err error) {
	if current.Status == Unknown {
		return "", current.unknown()
	}
	c.kube.ctx = ctx
	values, err := Normal(d.Values)
	if err != nil {
		return "", err
	}
	dryRun := *c.action
	dryRun.Releases = recordsOf(current, c.namespace)
	made, err := within(ctx, func() (*release.Release, error) { return rendered(ctx, &dryRun, c, current, d, values) })
	if err != nil {
		return "", failed(ctx, "render "+d.String(), err)
	}
	// What the API server can do does not change within a run.
	c.action.Capabilities = dryRun.Capabilities
	return made.Manifest, nil
}

func rendered(ctx context.Context, configuration *action.Configuration, c *Client, current Release, d Deployment, values map[string]any) (*release.Release, error) {
	if current.upgradable() {
		a := c.upgrade(d, configuration)
		a.DryRun, a.DryRunOption = true, "server"
		return a.RunWithContext(ctx, d.Name, d.Chart.source, values)
	}
	a := c.install(d, configuration)
	a.DryRun, a.DryRunOption = true, "server"
	return a.RunWithContext(ctx, d.Chart.source, values)
}

// unknown is why a release is not upgraded over a revision of that status, from which Helm
// does not go on (helm pkg/action/upgrade.go, prepareUpgrade).
func (r Release) unknown() error {
	return fault.New(fault.Conflict, fmt.Sprintf("make it known with: helm rollback %s %d -n %s, which applies again what that revision holds (helm history %[1]s -n %[3]s lists others), then run again",
		r.Name, r.Revision, r.Namespace), "change release %s/%s: its newest revision %d has the status unknown: nobody recorded how it ended, and Helm does not go on from there",
		r.Namespace, r.Name, r.Revision)
}

// upgradable reports whether the release is upgraded, not installed.
func (r Release) upgradable() bool { return r.Status != Absent && r.Status != Uninstalled }

// recordsOf is a store of releases that holds current, as it is after its repair
// if it is pending, in memory.
func recordsOf(current Release, namespace string) *storage.Storage {
	memory := driver.NewMemory()
	memory.SetNamespace(namespace)
	store := storage.Init(memory)
	if current.source == nil {
		return store
	}
	record := *current.source
	info := *record.Info
	if current.Status.Pending() {
		info.Status = release.StatusFailed
	}
	record.Info = &info
	_ = store.Create(&record) // the memory is empty, so nothing is in the way
	return store
}
