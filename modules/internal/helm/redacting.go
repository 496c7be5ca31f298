// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// redactingDriver keeps secrets out of release records: Helm makes the text of an error
// the description of a revision, and a server may quote what it was sent.
type redactingDriver struct {
	driver.Driver
	hide func(string) string
}

func (d redactingDriver) Create(key string, record *release.Release) error {
	return d.Driver.Create(key, d.clean(record))
}

func (d redactingDriver) Update(key string, record *release.Release) error {
	return d.Driver.Update(key, d.clean(record))
}

func (d redactingDriver) clean(record *release.Release) *release.Release {
	if d.hide == nil || record.Info == nil {
		return record
	}
	cleaned, info := *record, *record.Info
	info.Description = d.hide(info.Description)
	cleaned.Info = &info
	return &cleaned
}
