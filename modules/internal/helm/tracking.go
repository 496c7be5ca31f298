// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/kube"
)

// trackingDriver knows which of the records that this process wrote, or may have
// written, it left pending, so that they can be told from those of another Helm
// client.
type trackingDriver struct {
	driver.Driver
	open *openRecords
}

// openRecords holds each of them as it was written, by its key. Helm goes on in
// the background when the time of a run is up, while the run settles what it left.
type openRecords struct {
	lock  sync.Mutex
	byKey map[string]*release.Release
	// last is why the last write of a record failed that is still pending.
	last error
}

func newOpenRecords() *openRecords { return &openRecords{byKey: map[string]*release.Release{}} }

// keep notes a record that is pending, and forgets one that has ended.
func (o *openRecords) keep(key string, record *release.Release) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if record == nil || !Status(record.Info.Status).Pending() {
		delete(o.byKey, key)
		return
	}
	o.byKey[key] = record
}

// refuse notes why a record could not be written.
func (o *openRecords) refuse(err error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.last = err
}

// refused is why the end of what is pending could not be written, nil where nothing is.
func (o *openRecords) refused() error {
	o.lock.Lock()
	defer o.lock.Unlock()
	if len(o.byKey) == 0 {
		return nil
	}
	return o.last
}

// all is a copy of what is pending.
func (o *openRecords) all() map[string]*release.Release {
	o.lock.Lock()
	defer o.lock.Unlock()
	return maps.Clone(o.byKey)
}

// Create takes a write whose answer was lost for done when the record is there as
// it was written: Helm would give up, and leave a release that nobody works on.
func (l trackingDriver) Create(key string, record *release.Release) error {
	err := l.Driver.Create(key, record)
	if err == nil {
		return l.note(key, record, nil)
	}
	kept, readErr := l.Get(key)
	switch {
	case readErr == nil && same(kept, record):
		return l.note(key, record, nil)
	case readErr != nil && !errors.Is(readErr, driver.ErrReleaseNotFound):
		return errors.Join(err, l.note(key, record, nil)) // it may be there
	}
	return err
}

// same reports whether two records are of one deployment. Helm cuts its times to
// the second.
func same(a, b *release.Release) bool {
	return a.Manifest == b.Manifest && a.Info != nil && b.Info != nil &&
		a.Info.LastDeployed.Truncate(time.Second).Equal(b.Info.LastDeployed.Truncate(time.Second))
}

// Update takes a write whose answer was lost for done, as Create does.
func (l trackingDriver) Update(key string, record *release.Release) error {
	err := l.Driver.Update(key, record)
	if err != nil && l.holds(key, record) {
		err = nil
	}
	if err != nil {
		l.open.refuse(err)
	}
	return l.note(key, record, err)
}

// holds reports whether the record is there in the state that was to be written.
func (l trackingDriver) holds(key string, record *release.Release) bool {
	kept, err := l.Get(key)
	return err == nil && same(kept, record) && kept.Info.Status == record.Info.Status
}

// Delete ends what was pending as well, as when a failed install is taken back.
func (l trackingDriver) Delete(key string) (*release.Release, error) {
	record, err := l.Driver.Delete(key)
	if err != nil && record != nil {
		if _, readErr := l.Get(key); errors.Is(readErr, driver.ErrReleaseNotFound) { // the answer was lost
			err = nil
		}
	}
	if err == nil {
		l.open.keep(key, nil)
	}
	return record, err
}

// note looks only at writes that succeeded: after an update that failed the record
// is what it was, or ended.
func (l trackingDriver) note(key string, record *release.Release, err error) error {
	if err != nil || record.Info == nil {
		return err
	}
	l.open.keep(key, record)
	return nil
}

// Settle marks as failed what this client began and left pending, since the write
// that should have ended it failed, or the answer to the one that began it was
// lost. It does nothing after a run that ended as it should.
func (c *Client) Settle(why string) error {
	open := c.records.open.all()
	for _, key := range slices.Sorted(maps.Keys(open)) {
		if err := c.records.end(key, open[key], why); err != nil {
			return err
		}
	}
	return nil
}

// Settled is for a deployment that failed with err: it returns it after Settle. A
// release that cannot be settled either stays pending, as the next run reports.
func (c *Client) Settled(err error) error {
	if err != nil {
		_ = c.Settle("its end could not be recorded")
	}
	return err
}

// end marks a record as failed that is still the one that was written.
func (l trackingDriver) end(key string, written *release.Release, why string) error {
	record, err := l.Get(key)
	switch {
	case errors.Is(err, driver.ErrReleaseNotFound):
		return nil
	case err != nil:
		return kube.Fault("read release record "+key, err)
	case !Status(record.Info.Status).Pending() || !same(record, written):
		return nil
	}
	return kube.Fault("mark release record "+key+" as failed", l.Update(key, failedAs(record, why)))
}

// failedAs is a copy of a record that says that it failed.
func failedAs(record *release.Release, why string) *release.Release {
	failed, info := *record, *record.Info
	info.Status, info.Description = release.StatusFailed, why
	failed.Info = &info
	return &failed
}
