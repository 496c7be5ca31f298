// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"errors"
	"fmt"
	"net/http"
	"os"
)

// errManyDefaults is the error that keeps Grafana from starting.
var errManyDefaults = errors.New("datasource.yaml config is invalid. Only one datasource per organization can be marked as default")

// reload is POST /api/admin/provisioning/datasources/reload. As in Grafana,
// the cause of a failure is only logged.
func (s *server) reload(caller, *http.Request) answer {
	if err := s.provision(); err != nil {
		if s.options.Log != nil {
			_, _ = fmt.Fprintf(s.options.Log, "provisioning failed: %v\n", err)
		}
		return message(http.StatusInternalServerError, "Internal Server Error")
	}
	return message(http.StatusOK, "Datasources config reloaded")
}

// provision reads all files first, so that a bad one changes nothing, and then
// removes, creates and updates, each data source on its own as Grafana does.
func (s *server) provision() error {
	if s.options.ProvisioningDir == "" {
		return nil
	}
	files, err := readFiles(os.DirFS(s.options.ProvisioningDir))
	if err != nil {
		return err
	}
	if err := s.checkFiles(files); err != nil {
		return err
	}
	if err := s.store.change(func(now *state) error { now.prune(files); return nil }); err != nil {
		return err
	}
	for _, file := range files {
		if err := s.apply(file); err != nil {
			return err
		}
	}
	return nil
}

// checkFiles is Grafana's validateDefaultUniqueness (config_reader.go).
func (s *server) checkFiles(files []provisioned) error {
	defaults := map[int64]int{}
	for _, file := range files {
		for _, entry := range file.sources {
			var found *org
			s.store.read(func(now *state) { found = now.orgWithID(entry.orgID) })
			if found == nil {
				return fmt.Errorf("failed to provision %q data source: organization %d not found", entry.Name, entry.orgID)
			}
			if !entry.IsDefault {
				continue
			}
			if defaults[entry.orgID]++; defaults[entry.orgID] > 1 {
				return errManyDefaults
			}
		}
	}
	return nil
}

func (s *server) apply(file provisioned) error {
	for _, gone := range file.deleted {
		if err := s.store.change(func(now *state) error { now.remove(now.sourceNamed(gone.orgID, gone.name)); return nil }); err != nil {
			return err
		}
	}
	for _, entry := range file.sources {
		if err := s.store.change(func(now *state) error { return now.provisionOne(entry) }); err != nil {
			return fmt.Errorf("data source %q: %w", entry.Name, err)
		}
	}
	return nil
}

// provisionOne finds by name, never by uid.
func (s *state) provisionOne(entry provisionedSource) error {
	if found := s.sourceNamed(entry.orgID, entry.Name); found != nil {
		return s.update(found, entry.command)
	}
	if entry.UID == "" {
		entry.UID = uidFromName(entry.Name)
	}
	_, err := s.add(entry.orgID, entry.command)
	return err
}

// prune removes what came from a file with prune: true and is no longer in any.
func (s *state) prune(files []provisioned) {
	named := map[named]bool{}
	for _, file := range files {
		for _, entry := range file.sources {
			named[entry.key()] = true
		}
	}
	for _, d := range append([]*source{}, s.Sources...) {
		if d.Prunable && !named[d.key()] {
			s.remove(d)
		}
	}
}

// named is the key by which provisioning identifies a data source.
type named struct {
	orgID int64
	name  string
}

func (d *source) key() named { return named{d.OrgID, d.Name} }
