// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"maps"
	"slices"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/kube"
)

// ledger knows which of the records that this process wrote it left underway, so
// that they can be told from those of another Helm client.
type ledger struct {
	driver.Driver
	open map[string]bool
}

func (l ledger) Create(key string, record *release.Release) error {
	return l.note(key, record, l.Driver.Create(key, record))
}

func (l ledger) Update(key string, record *release.Release) error {
	return l.note(key, record, l.Driver.Update(key, record))
}

// Delete ends what was underway as well, as when a failed install is taken back.
func (l ledger) Delete(key string) (*release.Release, error) {
	record, err := l.Driver.Delete(key)
	if err == nil {
		l.open[key] = false
	}
	return record, err
}

// note looks only at writes that succeeded: after one that failed the record is
// what it was, or nobody knows.
func (l ledger) note(key string, record *release.Release, err error) error {
	if err == nil && record.Info != nil {
		l.open[key] = Status(record.Info.Status).Underway()
	}
	return err
}

// Settle marks as failed what this client began and left underway, since the
// write that should have ended it failed. It does nothing after a run that ended
// as it should.
func (c *Client) Settle(why string) error {
	for _, key := range slices.Sorted(maps.Keys(c.records.open)) {
		if !c.records.open[key] {
			continue
		}
		record, err := c.records.Get(key)
		if err != nil {
			return kube.Fault("read release record "+key, err)
		}
		if !Status(record.Info.Status).Underway() {
			continue
		}
		if err := kube.Fault("mark release record "+key+" as failed", c.records.Update(key, failedAs(record, why))); err != nil {
			return err
		}
	}
	return nil
}

// failedAs is a copy of a record that says that it failed.
func failedAs(record *release.Release, why string) *release.Release {
	failed, info := *record, *record.Info
	info.Status, info.Description = release.StatusFailed, why
	failed.Info = &info
	return &failed
}
