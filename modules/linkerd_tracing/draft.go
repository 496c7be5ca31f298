// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"encoding/json"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// Record is what this module has set in a release, so that it can be taken away
// again and nothing else.
type Record struct {
	Priors []overlay.Prior `json:"priors"`
	// Installed is true where the module has installed the release.
	Installed bool `json:"installed,omitempty"`
}

func readRecord(text string) *Record {
	var record Record
	if text == "" || json.Unmarshal([]byte(text), &record) != nil {
		return nil
	}
	return &record
}

// draft is the values that are wanted, and what they replace.
type draft struct {
	values map[string]any
	// base is what they replace without this module's own.
	base    map[string]any
	entries []overlay.Entry
	record  *Record
	// gone is true when the release itself goes.
	gone bool
}

// draft lays the settings over the values of the release without those that were
// laid before: what somebody has changed of them since is theirs by now, and is
// what comes back one day.
func (s State) draft(wish Wish) (draft, error) {
	base := map[string]any{}
	if s.Release.Values != nil {
		base = s.Release.Values
	}
	if s.Record != nil {
		base = overlay.Strip(base, s.Record.Priors)
	}
	if wish.Absent {
		return draft{values: base, base: base, gone: s.Record != nil && s.Record.Installed}, nil
	}
	entries, err := s.entries(wish)
	if err != nil {
		return draft{}, err
	}
	values, priors, err := overlay.Lay(base, entries)
	record := &Record{Priors: priors, Installed: s.Release.Status == helm.Absent || (s.Record != nil && s.Record.Installed)}
	return draft{values: values, base: base, entries: entries, record: record}, err
}

// differs reports whether the release has to change.
func (d draft) differs(s State) bool {
	return s.Release.Status == helm.Absent || !overlay.Equal(d.values, values(s.Release))
}

func values(release helm.Release) map[string]any {
	if release.Values == nil {
		return map[string]any{}
	}
	return release.Values
}

// owned are the settings at the paths of the entries or of the record, for the
// diff: the rest of the values is not ours to show.
func owned(values map[string]any, d draft, record *Record) map[string]any {
	shown := map[string]any{}
	show := func(path []string) {
		if value, there := overlay.Get(values, path...); there {
			helm.Set(shown, value, path...)
		}
	}
	for _, entry := range d.entries {
		show(entry.Path)
	}
	if record != nil {
		for _, prior := range record.Priors {
			if !prior.Container {
				show(prior.Path)
			}
		}
	}
	return shown
}
