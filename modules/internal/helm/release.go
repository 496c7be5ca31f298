// SPDX-License-Identifier: AGPL-3.0-or-later

// Package helm installs, upgrades and removes Helm releases. Helm's own types
// stay inside.
package helm

import (
	"encoding/json"
	"slices"
	"time"

	"helm.sh/helm/v3/pkg/release"
)

// Status is the state of a release, in Helm's words.
type Status string

// The states. Every Pending one, and Uninstalling, should pass by itself; it
// stays when the process that worked on the release died.
const (
	Absent   Status = ""
	Deployed Status = "deployed"
	Failed   Status = "failed"
	// Unknown is that of a release which Helm, or what keeps its records, could not tell.
	Unknown         Status = "unknown"
	Superseded      Status = "superseded"
	Uninstalled     Status = "uninstalled"
	Uninstalling    Status = "uninstalling"
	PendingInstall  Status = "pending-install"
	PendingUpgrade  Status = "pending-upgrade"
	PendingRollback Status = "pending-rollback"
)

// Pending reports whether somebody works on the release, or did and died.
func (s Status) Pending() bool {
	return slices.Contains([]Status{PendingInstall, PendingUpgrade, PendingRollback, Uninstalling}, s)
}

// Exists reports whether there is a release, which an upgrade changes.
func (s Status) Exists() bool { return s != Absent && s != Uninstalled }

// Release is one revision of a release.
type Release struct {
	Name, Namespace string
	Revision        int
	Status          Status
	// Updated is when it was last written by Helm.
	Updated time.Time
	// Description is Helm's last word on it.
	Description string
	// Labels are those that were given with the release, without Helm's own.
	Labels map[string]string
	Chart  Chart
	// Values are the user's, without the chart's defaults, in normal form.
	Values map[string]any
	// Manifest is what was rendered: YAML documents.
	Manifest string

	source *release.Release
}

func fromHelm(source *release.Release) (Release, error) {
	values, err := Normal(source.Config)
	if err != nil {
		return Release{}, err
	}
	r := Release{Name: source.Name, Namespace: source.Namespace, Revision: source.Version, Labels: source.Labels,
		Chart: chartOf(source.Chart), Values: values, Manifest: source.Manifest, source: source}
	if info := source.Info; info != nil {
		r.Status, r.Updated, r.Description = Status(info.Status), info.LastDeployed.Time, info.Description
	}
	return r, nil
}

// Normal is the form in which values are compared: as they are after a round
// trip through JSON, which is how Helm keeps them (numbers are float64), with
// nil for the empty map.
func Normal(values map[string]any) (map[string]any, error) {
	if len(values) == 0 {
		return map[string]any{}, nil
	}
	data, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	normal := map[string]any{}
	return normal, json.Unmarshal(data, &normal)
}
