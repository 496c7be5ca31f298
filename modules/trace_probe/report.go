// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
)

// reportable refuses a path that the report must not go to, before anything is
// contacted.
func reportable(path string) error {
	if path == "" {
		return nil
	}
	return fault.Doing("look at the file for the report", file.CheckWrite(path))
}

// report writes the page. It is for people and holds no secret.
func (m *Module) report(path string) error {
	if path == "" {
		return nil
	}
	page, err := m.page()
	if err != nil {
		return fault.As(fault.Internal, "", "make the report", err)
	}
	if err := file.Write(path, page, 0o644); err != nil {
		return fault.Doing("write the report", err)
	}
	m.trip.reported = true
	return nil
}
