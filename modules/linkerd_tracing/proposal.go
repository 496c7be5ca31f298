// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
)

// Proposal is what the release is to become.
type Proposal struct {
	Values map[string]any
	// Base is the values that they replace, without this module's own.
	Base    map[string]any
	Entries []overlay.Setting
	Record  *ownership.Record
	// Gone is true when the release itself is removed.
	Gone bool
	// Chart is the release's own, or the one to install.
	Chart helm.Chart
	// Err is why there can be no such release; Refusal is why the chart does not take
	// the values, from a dry run.
	Err, Refusal error
	// Verdict is what the API server says to the objects of the chart.
	Verdict inventory.Verdict
}

// proposal applies the settings to the values of the release without those that
// were applied before: what somebody has changed of them since is theirs by now,
// and is what will be restored.
func (s Status) proposal(spec Spec) Proposal {
	base := map[string]any{}
	if s.Release.Values != nil {
		base = s.Release.Values
	}
	if s.Record != nil {
		base = overlay.Revert(base, s.Record.Replaced)
	}
	if spec.absent() {
		return Proposal{Values: base, Base: base, Gone: s.Record != nil && s.Record.Installed}
	}
	entries, err := s.entries(spec)
	if err != nil {
		return Proposal{Err: err}
	}
	values, replaced, err := overlay.Apply(base, entries)
	record := &ownership.Record{Replaced: replaced, Installed: s.Release.Status == helm.Absent || (s.Record != nil && s.Record.Installed)}
	return Proposal{Values: values, Base: base, Entries: entries, Record: record, Err: err}
}

// differs reports whether the release has to change. One that an upgrade is working on,
// or was, has the values of that upgrade before its objects do.
func (s Status) differs(p Proposal) bool {
	return s.Release.Status == helm.Absent || s.Release.Status.Pending() || !overlay.Equal(p.Values, values(s.Release))
}

func values(release helm.Release) map[string]any {
	if release.Values == nil {
		return map[string]any{}
	}
	return release.Values
}

// owned are the settings at the paths of the entries or of the record, for the
// diff: the rest of the values is not ours to show.
func (p Proposal) owned(values map[string]any, record *ownership.Record) map[string]any {
	shown := map[string]any{}
	show := func(path []string) {
		if value, found := overlay.Get(values, path...); found {
			helm.Set(shown, value, path...)
		}
	}
	for _, entry := range p.Entries {
		show(entry.Path)
	}
	if record != nil {
		for _, previous := range record.Replaced {
			if !previous.Container {
				show(previous.Path)
			}
		}
	}
	return shown
}
